// One press deletes what is ticked, at once and without a question, where it can be taken back.
import { test } from 'vitest';
import { createShelf, createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import {
  box,
  holdBack,
  readFocus,
  readTicked,
  readTitles,
  row,
  selection,
  watchSent,
} from '../support/video-list.ts';
import { openWebApp, useBrowser } from '../support/web-app.ts';

const browser = useBrowser();
const env = { VIDEO_RESTORE: 'on' };

test('one press sends one deletion of the ticked videos with REFUSE, without a dialog and without reading a list', async ({
  expect,
}) => {
  const videos = createShelf(5);
  await using app = await openWebApp(browser(), { env, videos });
  const { page, sandbox } = app;
  await box(page, 'Video 2').click();
  await box(page, 'Video 4').click();
  const sent = watchSent(page);
  sandbox.clearRequests();
  await page.getByRole('button', { name: 'Delete 2 videos' }).click();

  await page.getByText('2 videos moved to Removed').waitFor();
  await eventually(async () => expect(await readTitles(page)).toEqual(['Video 1', 'Video 3', 'Video 5']));

  const ids = [1, 3].map((index) => videos[index]?.videoId);
  expect(sent).toEqual([
    expect.objectContaining({ name: 'DeleteVideos', ids, options: { ifPermanent: 'REFUSE' } }),
  ]);
  expect(app.writes().toSorted()).toEqual(ids.map((id) => `DELETE ${id}`).toSorted());
  // At its first deletion the gateway finds out, by a page of one, what upstream calls removed videos.
  expect(app.lists().filter((list) => !list.includes('pageSize=1'))).toEqual([]);
  expect(await page.getByRole('alertdialog').count()).toBe(1);
  expect(await page.locator('.veil').count()).toBe(0);
  expect(await page.locator('.count').innerText()).toBe('3 videos');
  await eventually(async () => expect(await readFocus(page)).not.toBe('BODY'));
});

test('two quick presses send one call, and nothing else can be done with these videos until it is answered', async ({
  expect,
}) => {
  await using app = await openWebApp(browser(), { env, videos: createShelf(3) });
  const { page } = app;
  await box(page, 'Video 1').click();
  const release = await holdBack(page, 'DeleteVideos');
  const sent = watchSent(page);
  const button = page.getByRole('button', { name: 'Delete 1 video' });
  await button.dblclick();
  await row(page, 'Video 1').getByText('Deleting…').waitFor();
  await button.click();
  await page.keyboard.press('Delete');

  expect(await row(page, 'Video 1').getByRole('checkbox').isDisabled()).toBe(true);
  await row(page, 'Video 1').getByRole('button').click();
  await page.getByRole('menuitem', { name: 'Copy id' }).waitFor();
  expect(await page.getByRole('menuitem', { name: 'Delete' }).count()).toBe(0);
  await page.keyboard.press('Escape');
  await release();

  await page.getByText('1 video moved to Removed').waitFor();
  expect(sent.filter(({ name }) => name === 'DeleteVideos')).toHaveLength(1);
  expect(app.writes()).toHaveLength(1);
});

test('what is ticked while a call is on its way is sent by the next press, and nothing of the first one', async ({
  expect,
}) => {
  const videos = createShelf(3);
  await using app = await openWebApp(browser(), { env, videos });
  const { page } = app;
  await box(page, 'Video 1').click();
  const release = await holdBack(page, 'DeleteVideos');
  const sent = watchSent(page);
  await page.getByRole('button', { name: 'Delete 1 video' }).click();
  await row(page, 'Video 1').getByText('Deleting…').waitFor();
  await box(page, 'Video 3').click();
  await page.getByRole('button', { name: 'Delete 2 videos' }).click();
  await row(page, 'Video 3').getByText('Deleting…').waitFor();
  await release();

  await eventually(async () => expect(await readTitles(page)).toEqual(['Video 2']));
  const calls = sent.filter(({ name }) => name === 'DeleteVideos').map(({ ids }) => ids);
  expect(calls).toEqual([[videos[0]?.videoId], [videos[2]?.videoId]]);
  expect(app.writes()).toHaveLength(2);
});

test('the row menu deletes its video only, and the others stay ticked', async ({ expect }) => {
  await using app = await openWebApp(browser(), { env, videos: createShelf(4) });
  const { page } = app;
  await box(page, 'Video 1').click();
  await row(page, 'Video 3').getByRole('button').click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();

  await page.getByText('1 video moved to Removed').waitFor();
  expect(await readTitles(page)).toEqual(['Video 1', 'Video 2', 'Video 4']);
  expect(await readTicked(page)).toEqual(['Video 1']);
  expect(app.writes()).toHaveLength(1);
});

test('the browser asks before the page is left while a deletion is on its way, and not otherwise', async ({
  expect,
}) => {
  await using app = await openWebApp(browser(), { env, videos: createShelf(2) });
  const { page } = app;
  const questions: string[] = [];
  page.on('dialog', async (dialog) => {
    questions.push(dialog.type());
    await dialog.accept();
  });
  await box(page, 'Video 1').click();
  await page.reload();
  expect(questions).toEqual([]);

  await box(page, 'Video 1').click();
  await page.route('**/graphql', (route) =>
    route.request().postDataJSON()?.operationName === 'DeleteVideos' ? undefined : route.continue(),
  );
  await page.getByRole('button', { name: 'Delete 1 video' }).click();
  await row(page, 'Video 1').getByText('Deleting…').waitFor();
  await page.reload();

  expect(questions).toEqual(['beforeunload']);
  expect(app.writes()).toEqual([]);
});

test('more than the gateway takes at a time is said before anything is sent', async ({ expect }) => {
  const { videos } = createVideos(12);
  await using app = await openWebApp(browser(), {
    env: { ...env, MAX_IDS: '5', MAX_BACKGROUND_IDS: '10' },
    videos,
  });
  const { page } = app;
  await page.getByRole('row').first().waitFor();
  const sent = watchSent(page);
  await page.locator('.bar .box').click();

  await selection(page).getByText('At most 10 at a time').waitFor();
  expect(await page.getByRole('button', { name: 'Delete 12 videos' }).isDisabled()).toBe(true);
  await page.keyboard.press('Delete');
  expect(sent.filter(({ name }) => name === 'DeleteVideos')).toEqual([]);
  expect(app.writes()).toEqual([]);
});

test('a gateway that takes few ids in one call gets more of them in the background', async ({ expect }) => {
  const { videos, ids } = createVideos(8);
  await using app = await openWebApp(browser(), { env: { ...env, MAX_IDS: '5' }, videos });
  const { page } = app;
  await page.getByRole('row').first().waitFor();
  const sent = watchSent(page);
  await page.locator('.bar .box').click();
  await page.getByRole('button', { name: 'Delete 8 videos' }).click();

  await page.locator('.strip').getByText('8 videos moved to Removed').waitFor();
  expect(sent.find(({ name }) => name === 'DeleteVideos')?.options).toMatchObject({ background: true });
  expect(app.writes()).toHaveLength(ids.length);
});

test('how long it will take is said before, where the rate limit makes it long', async ({ expect }) => {
  await using app = await openWebApp(browser(), {
    env,
    videos: createShelf(61),
    limits: { reads: 5_000, writes: 20 },
  });
  const { page } = app;
  await box(page, 'Video 1').click();
  await page.getByRole('button', { name: 'Delete 1 video' }).click();
  await page.getByText('1 video moved to Removed').waitFor();
  await box(page, 'Video 2').click();
  expect(await selection(page).getByText('about').count()).toBe(0);
  await page.locator('.bar .box').click();

  await selection(page).getByText('about 3 min').waitFor();
});
