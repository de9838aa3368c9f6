// Restoring one, some and all of what is removed: it is back in Videos without a reload.
import { test } from 'vitest';
import { createRemovedVideos, createShelf } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { box, readFocus, readTicked, readTitles, row, selection, watchSent } from '../support/video-list.ts';
import { openWebApp, useBrowser } from '../support/web-app.ts';

const browser = useBrowser();
const env = { VIDEO_RESTORE: 'on' };

function createVideos(removed: number) {
  const { videos, ids } = createRemovedVideos(removed);
  return {
    videos: [...createShelf(2).map((video) => ({ ...video, title: `Live: ${video.title}` })), ...videos],
    ids,
  };
}

test('one, some and all are back in Videos, without a reload', async ({ expect }) => {
  const { videos, ids } = createVideos(6);
  await using app = await openWebApp(browser(), { env, videos, path: '/removed' });
  const { page } = app;
  await row(page, 'Video 0').getByRole('button').click();
  await page.getByRole('menuitem', { name: 'Restore' }).click();
  await page.getByText('1 video is back in Videos').waitFor();
  await row(page, 'Video 0').waitFor({ state: 'detached' });
  expect(await page.locator('.count').innerText()).toBe('5 videos');

  await box(page, 'Video 1').click();
  await box(page, 'Video 3').click();
  await page.getByRole('button', { name: 'Restore 2 videos' }).click();
  await page.getByText('2 videos are back in Videos').waitFor();
  await eventually(async () =>
    expect((await readTitles(page)).toSorted()).toEqual(['Video 2', 'Video 4', 'Video 5']),
  );
  expect(await selection(page).count()).toBe(0);
  await eventually(async () => expect(await readFocus(page)).not.toBe('BODY'));

  await page.locator('.bar .box').click();
  await page.getByRole('button', { name: 'Restore 3 videos' }).click();
  await page.getByText('3 videos are back in Videos').waitFor();
  await page.getByText('Nothing is removed').waitFor();

  await page.getByRole('link', { name: 'Videos' }).click();
  await eventually(async () => expect(await page.locator('.count').innerText()).toBe('8 videos'));
  for (const title of ['Video 0', 'Video 1', 'Video 5']) await row(page, title).waitFor();
  expect(app.writes().toSorted()).toEqual(ids.map((id) => `RESTORE ${id}`).toSorted());
});

test('all that match are restored, and no others', async ({ expect }) => {
  const { videos } = createVideos(12);
  await using app = await openWebApp(browser(), { env, videos, path: '/removed?title=Video%201' });
  const { page, sandbox } = app;
  await eventually(async () =>
    expect((await readTitles(page)).toSorted()).toEqual(['Video 1', 'Video 10', 'Video 11']),
  );
  await page.locator('.bar .box').click();
  await page.getByRole('button', { name: 'Restore 3 videos' }).click();

  await page.getByText('3 videos are back in Videos').waitFor();
  expect(app.writes()).toHaveLength(3);
  expect(sandbox.videos().filter(({ removedAt }) => removedAt === null)).toHaveLength(5);
});

test('one that is destroyed meanwhile is told so, and the others are restored', async ({ expect }) => {
  const { videos, ids } = createVideos(3);
  await using app = await openWebApp(browser(), { env, videos, path: '/removed' });
  const { page, sandbox } = app;
  await row(page, 'Video 0').waitFor();
  await page.locator('.bar .box').click();
  sandbox.destroy(String(ids[1]));
  await page.getByRole('button', { name: 'Restore 3 videos' }).click();

  await page.locator('.failed').getByText('1 video could not be restored').waitFor();
  await page.getByText('2 videos are back in Videos').waitFor();
  await page.getByText('Nothing is removed').waitFor();
  expect(await selection(page).count()).toBe(0);
});

test('if the gateway cannot prove who restored it, the message says only where it is', async ({ expect }) => {
  const { videos } = createVideos(2);
  await using app = await openWebApp(browser(), { env, videos, path: '/removed' });
  const { page } = app;
  await page.route('**/graphql', async (route) => {
    if (route.request().postDataJSON()?.operationName !== 'RestoreVideos') return route.continue();
    const answer = await route.fetch();
    const json = await answer.json();
    for (const result of json.data.restoreVideos.results) result.alreadyLive = null;
    await route.fulfill({ response: answer, json });
  });
  await box(page, 'Video 0').click();
  const sent = watchSent(page);
  await page.getByRole('button', { name: 'Restore 1 video' }).click();

  await page.getByText('1 video is in Videos').waitFor();
  await eventually(async () => expect(await readTitles(page)).toEqual(['Video 1']));
  expect(await readTicked(page)).toEqual([]);
  expect(sent.filter(({ name }) => name === 'RestoreVideos')).toHaveLength(1);
});

test('the Delete key restores nothing and deletes nothing', async ({ expect }) => {
  const { videos } = createVideos(2);
  await using app = await openWebApp(browser(), { env, videos, path: '/removed' });
  const { page } = app;
  await box(page, 'Video 0').click();
  await row(page, 'Video 0').focus();
  await page.keyboard.press('Delete');
  await page.getByRole('button', { name: 'Restore 1 video' }).click();
  await page.getByText('1 video is back in Videos').waitFor();
  expect(app.writes()).toHaveLength(1);
  expect(app.writes()[0]).toMatch(/^RESTORE/);
});
