// Taking a deletion back: by the button of the message, by Ctrl+Z, once, and exactly what was removed.

import type { Page } from 'playwright-core';
import { test } from 'vitest';
import { createShelf } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { box, holdBack, readFocus, readTitles, row, watchSent } from '../support/video-list.ts';
import { answerInstead, pressDelete, undo } from '../support/web-acts.ts';
import { openWebApp, useBrowser } from '../support/web-app.ts';

const browser = useBrowser();
const env = { VIDEO_RESTORE: 'on' };

const SHELF = ['Video 1', 'Video 2', 'Video 3', 'Video 4', 'Video 5'];

async function deleteVideos(page: Page, ...titles: readonly string[]): Promise<void> {
  await pressDelete(page, ...titles);
  for (const title of titles) await row(page, title).waitFor({ state: 'detached' });
}

test('Undo restores exactly what was removed, and the rows stand where they stood, without reading a list', async ({
  expect,
}) => {
  const videos = createShelf(5);
  await using app = await openWebApp(browser(), { env, videos });
  const { page, sandbox } = app;
  await deleteVideos(page, 'Video 2', 'Video 5');
  const sent = watchSent(page);
  sandbox.clearRequests();
  await undo(page).click();

  await page.getByText('2 videos are back in Videos').waitFor();
  await eventually(async () => expect(await readTitles(page)).toEqual(SHELF));
  const ids = [1, 4].map((index) => videos[index]?.videoId);
  expect(sent.map(({ name, ids }) => ({ name, ids }))).toEqual([{ name: 'RestoreVideos', ids }]);
  expect(app.writes().toSorted()).toEqual(ids.map((id) => `RESTORE ${id}`).toSorted());
  expect(app.lists()).toEqual([]);
  expect(await undo(page).count()).toBe(0);
  expect(await page.locator('.count').innerText()).toBe('5 videos');
  await eventually(async () => expect(await readFocus(page)).not.toBe('BODY'));
});

test('Ctrl+Z takes the last deletion back once, and its message goes', async ({ expect }) => {
  await using app = await openWebApp(browser(), { env, videos: createShelf(3) });
  const { page } = app;
  await deleteVideos(page, 'Video 2');
  await undo(page).waitFor();
  await page.keyboard.press('Control+z');

  await page.getByText('1 video is back in Videos').waitFor();
  await page.getByText('1 video moved to Removed').waitFor({ state: 'detached' });
  await page.keyboard.press('Control+z');
  await page.keyboard.press('Control+z');
  await deleteVideos(page, 'Video 3');
  expect(app.writes().filter((write) => write.startsWith('RESTORE'))).toHaveLength(1);
});

test('Ctrl+Z in the search field is left to the field, and Ctrl+Shift+Z does nothing', async ({ expect }) => {
  await using app = await openWebApp(browser(), { env, videos: createShelf(3) });
  const { page } = app;
  await deleteVideos(page, 'Video 2');
  await page.getByRole('searchbox', { name: 'Search titles' }).fill('Video');
  await page.keyboard.press('Control+z');
  await row(page, 'Video 1').focus();
  await page.keyboard.press('Control+Shift+z');

  await deleteVideos(page, 'Video 3');
  expect(app.writes().filter((write) => write.startsWith('RESTORE'))).toEqual([]);
});

test('Ctrl+Z while the deletion is on its way takes that one back as soon as it is answered, not an earlier one', async ({
  expect,
}) => {
  const videos = createShelf(3);
  await using app = await openWebApp(browser(), { env, videos });
  const { page } = app;
  await deleteVideos(page, 'Video 1');
  const release = await holdBack(page, 'DeleteVideos');
  await box(page, 'Video 3').click();
  await page.getByRole('button', { name: 'Delete 1 video' }).click();
  await row(page, 'Video 3').getByText('Deleting…').waitFor();
  await page.keyboard.press('Control+z');
  await release();

  await page.getByText('1 video is back in Videos').waitFor();
  const [first, , third] = videos.map(({ videoId }) => videoId);
  expect(app.writes()).toEqual([`DELETE ${first}`, `DELETE ${third}`, `RESTORE ${third}`]);
  expect(await readTitles(page)).toEqual(['Video 2', 'Video 3']);
});

test('a second deletion leaves the first one its Undo, and each restores its own', async ({ expect }) => {
  const videos = createShelf(4);
  await using app = await openWebApp(browser(), { env, videos });
  const { page } = app;
  await deleteVideos(page, 'Video 1');
  await deleteVideos(page, 'Video 2', 'Video 3');
  await eventually(async () => expect(await undo(page).count()).toBe(2));

  await page
    .locator('.toast')
    .filter({ hasText: '1 video moved' })
    .getByRole('button', { name: 'Undo' })
    .click();
  await page.getByText('1 video is back in Videos').waitFor();
  expect(await readTitles(page)).toEqual(['Video 1', 'Video 4']);
  expect(app.writes().at(-1)).toBe(`RESTORE ${videos[0]?.videoId}`);

  await page.keyboard.press('Control+z');
  await page.getByText('2 videos are back in Videos').waitFor();
  expect(await readTitles(page)).toEqual(SHELF.slice(0, 4));
});

test('the message stays for 20 seconds, and as long as the pointer or the focus is on it', async ({
  expect,
}) => {
  await using app = await openWebApp(browser(), {
    env,
    videos: createShelf(4),
    prepare: (_context, page) => page.clock.install(),
  });
  const { page } = app;
  const toast = page.locator('.toast');
  const rest = async () => {
    await page.mouse.move(5, 5);
    await row(page, 'Video 4').focus();
  };

  await deleteVideos(page, 'Video 1');
  await undo(page).waitFor();
  await rest();
  await page.clock.runFor(18_000);
  expect(await toast.count()).toBe(1);
  await page.clock.runFor(4_000);
  await toast.waitFor({ state: 'detached' });

  await deleteVideos(page, 'Video 2');
  await undo(page).waitFor();
  await toast.hover();
  await page.clock.runFor(60_000);
  expect(await toast.count()).toBe(1);
  await undo(page).focus();
  await page.mouse.move(5, 5);
  await page.clock.runFor(60_000);
  expect(await toast.count()).toBe(1);
  await rest();
  await page.clock.runFor(22_000);
  await toast.waitFor({ state: 'detached' });

  // The last one can still be taken back.
  await page.keyboard.press('Control+z');
  await row(page, 'Video 2').waitFor();
  expect(app.writes()).toHaveLength(3);
});

test('an Undo that works for some reports the others on both tabs, with a way to try again', async ({
  expect,
}) => {
  const videos = createShelf(4);
  await using app = await openWebApp(browser(), { env, videos });
  const { page, sandbox } = app;
  await deleteVideos(page, 'Video 1', 'Video 2');
  const refused = videos[1]?.videoId;
  sandbox.setFault(({ method, videoId }) =>
    method === 'PATCH' && videoId === refused
      ? { kind: 'answer', acts: false, status: 503, body: '{"title":"down"}' }
      : undefined,
  );
  await undo(page).click();

  const panel = page.locator('.failed');
  await panel.getByText('1 video could not be restored').waitFor();
  await panel.getByText('Video 2').waitFor();
  await page.getByText('1 video is back in Videos').waitFor();
  expect(await readTitles(page)).toEqual(['Video 1', 'Video 3', 'Video 4']);
  await page.getByRole('link', { name: 'Removed' }).click();
  await panel.getByText('1 video could not be restored').waitFor();
  await row(page, 'Video 2').waitFor();

  sandbox.setFault(undefined);
  sandbox.clearRequests();
  await panel.getByRole('button', { name: 'Try 1 again' }).click();
  await page.locator('.toast').getByText('1 video is back in Videos').first().waitFor();
  await panel.waitFor({ state: 'detached' });
  expect(app.writes()).toEqual([`RESTORE ${refused}`]);
  await page.getByRole('link', { name: 'Videos' }).click();
  await eventually(async () => expect(await readTitles(page)).toEqual(SHELF.slice(0, 4)));
});

test('whoever may delete but not restore is offered no Undo', async ({ expect }) => {
  await using app = await openWebApp(browser(), {
    env,
    videos: createShelf(2),
    prepare: (_context, page) =>
      answerInstead(page, 'Viewer', async (route) => {
        const response = await route.fetch();
        const json = await response.json();
        json.data.viewer.canRestore = false;
        await route.fulfill({ response, json });
      }),
  });
  const { page } = app;
  await row(page, 'Video 1').waitFor();
  await deleteVideos(page, 'Video 1');
  await page.getByText('1 video moved to Removed').waitFor();

  expect(await undo(page).count()).toBe(0);
  await page.keyboard.press('Control+z');
  await deleteVideos(page, 'Video 2');
  expect(app.writes().filter((write) => write.startsWith('RESTORE'))).toEqual([]);
});
