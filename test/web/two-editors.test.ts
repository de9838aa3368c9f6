// Two people work on the same videos: what the other one did is told as it is, and not taken back.
import { test } from 'vitest';
import { createShelf } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { box, readTitles, row, selection } from '../support/video-list.ts';
import { panel, undo } from '../support/web-acts.ts';
import { openWebApp, useBrowser } from '../support/web-app.ts';

const browser = useBrowser();
const env = { VIDEO_RESTORE: 'on' };

test('what somebody else had removed already is told so, and Undo leaves it removed', async ({ expect }) => {
  const videos = createShelf(3);
  const [first, second] = videos.map(({ videoId }) => videoId);
  await using app = await openWebApp(browser(), { env, videos });
  const { page, sandbox } = app;
  await box(page, 'Video 1').click();
  await box(page, 'Video 2').click();
  sandbox.remove(String(first));
  await page.getByRole('button', { name: 'Delete 2 videos' }).click();

  await page.getByText('1 video moved to Removed · 1 was there already').waitFor();
  await eventually(async () => expect(await readTitles(page)).toEqual(['Video 3']));
  await undo(page).click();
  await page.getByText('1 video is back in Videos').waitFor();

  expect(app.writes().filter((write) => write.startsWith('RESTORE'))).toEqual([`RESTORE ${second}`]);
  expect(sandbox.state(String(first))).toBe('removed');
  expect(await readTitles(page)).toEqual(['Video 2', 'Video 3']);
});

test('if all of it was removed already, there is nothing to undo', async ({ expect }) => {
  const videos = createShelf(2);
  await using app = await openWebApp(browser(), { env, videos });
  const { page, sandbox } = app;
  await box(page, 'Video 1').click();
  sandbox.remove(String(videos[0]?.videoId));
  await page.getByRole('button', { name: 'Delete 1 video' }).click();

  await page.getByText('1 video was in Removed already').waitFor();
  expect(await undo(page).count()).toBe(0);
  await page.keyboard.press('Control+z');
  await row(page, 'Video 1').waitFor({ state: 'detached' });
  await box(page, 'Video 2').click();
  await page.getByRole('button', { name: 'Delete 1 video' }).click();
  await page.getByText('1 video moved to Removed').waitFor();
  expect(app.writes().filter((write) => write.startsWith('RESTORE'))).toEqual([]);
});

test('what somebody else has destroyed is told so, its row and its tick go, and it is not sent again', async ({
  expect,
}) => {
  const videos = createShelf(3);
  await using app = await openWebApp(browser(), { env, videos });
  const { page, sandbox } = app;
  await box(page, 'Video 1').click();
  await box(page, 'Video 2').click();
  sandbox.destroy(String(videos[0]?.videoId));
  await page.getByRole('button', { name: 'Delete 2 videos' }).click();

  await panel(page).getByText('1 video could not be deleted').waitFor();
  await panel(page).getByText('No longer there, neither in Videos nor in Removed: Video 1').waitFor();
  await page.getByText('1 video moved to Removed').waitFor();
  await eventually(async () => expect(await readTitles(page)).toEqual(['Video 3']));
  expect(await selection(page).count()).toBe(0);
  expect(await panel(page).getByRole('button').allInnerTexts()).toEqual(['Dismiss']);
});

test('what somebody else has restored already is told so', async ({ expect }) => {
  const videos = createShelf(2);
  await using app = await openWebApp(browser(), { env, videos });
  const { page, sandbox } = app;
  await box(page, 'Video 1').click();
  await page.getByRole('button', { name: 'Delete 1 video' }).click();
  await page.getByText('1 video moved to Removed').waitFor();
  sandbox.restore(String(videos[0]?.videoId));
  await undo(page).click();

  await page.getByText('1 video was in Videos already').waitFor();
  await eventually(async () => expect(await readTitles(page)).toEqual(['Video 1', 'Video 2']));
});

test('two tabs that delete the same video send one deletion upstream, and both say what is true', async ({
  expect,
}) => {
  const videos = createShelf(2);
  await using app = await openWebApp(browser(), { env, videos });
  const other = await app.openTab();
  for (const page of [app.page, other]) await box(page, 'Video 1').click();
  await app.page.bringToFront();
  await app.page.getByRole('button', { name: 'Delete 1 video' }).click();
  await app.page.getByText('1 video moved to Removed').waitFor();
  await other.bringToFront();
  await other.getByRole('button', { name: 'Delete 1 video' }).click();

  await other.getByText('1 video was in Removed already').waitFor();
  await eventually(async () => expect(await readTitles(other)).toEqual(['Video 2']));
  expect(app.writes()).toEqual([`DELETE ${videos[0]?.videoId}`]);
});

test('whoever comes back to the window sees what somebody else has changed', async ({ expect }) => {
  const videos = createShelf(3);
  await using app = await openWebApp(browser(), {
    env: { VIDEO_RESTORE: 'on' },
    videos,
    prepare: (context) => context.clock.install(),
  });
  const { page, sandbox } = app;
  await row(page, 'Video 1').waitFor();
  sandbox.remove(String(videos[0]?.videoId));

  await page.clock.runFor(11_000);
  await page.evaluate("window.dispatchEvent(new Event('focus'))");

  await eventually(async () => {
    await page.clock.runFor(100);
    expect(await readTitles(page)).toEqual(['Video 2', 'Video 3']);
  });
});
