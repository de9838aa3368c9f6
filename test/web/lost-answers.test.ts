// An answer is lost on the way: nothing is called a success that nobody has seen, and then the rows show upstream's truth.
import { test } from 'vitest';
import { createRemovedVideos, createShelf } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { box, readTicked, readTitles, row, scrollTo, selection, watchSent } from '../support/video-list.ts';
import {
  answerInstead,
  cut,
  keepMessages,
  LOST,
  openLosing,
  panel,
  pressDelete,
  question,
  undo,
} from '../support/web-acts.ts';
import { openWebApp, useBrowser } from '../support/web-app.ts';

const browser = useBrowser();
const env = { VIDEO_RESTORE: 'on' };

test('a deletion that worked is not known to have worked, until the app has looked; it is sent once', async ({
  expect,
}) => {
  const videos = createShelf(3);
  const { app, proxy } = await openLosing(browser(), { env, videos });
  await using _ = app;
  const { page } = app;
  await row(page, 'Video 1').waitFor();
  const readSaid = await keepMessages(page);
  const lost = proxy.loseNext(/DeleteVideos/);
  await pressDelete(page, 'Video 1', 'Video 2');
  await lost;

  await panel(page).getByText('It is not known whether 2 videos were deleted').waitFor();
  expect(await readTitles(page)).toEqual(['Video 1', 'Video 2', 'Video 3']);
  expect(await readTicked(page)).toEqual(['Video 1', 'Video 2']);
  await page.getByText('2 videos are in Removed').waitFor();
  await eventually(async () => expect(await readTitles(page)).toEqual(['Video 3']));
  expect(await panel(page).count()).toBe(0);
  expect(await selection(page).count()).toBe(0);
  expect(await page.locator('.count').innerText()).toBe('1 video');
  expect(await readSaid()).not.toContain('moved to');
  expect(await undo(page).count()).toBe(0);
  expect(app.writes()).toHaveLength(2);

  await page.getByRole('link', { name: 'Removed' }).click();
  await eventually(async () => expect((await readTitles(page)).toSorted()).toEqual(['Video 1', 'Video 2']));
});

test('a list of several pages stays as long as it was', async ({ expect }) => {
  const videos = createShelf(150);
  const { app, proxy } = await openLosing(browser(), { env, videos });
  await using _ = app;
  const { page } = app;
  await row(page, 'Video 1').waitFor();
  await scrollTo(page, 150);
  await row(page, 'Video 150').waitFor();
  const sent = watchSent(page);
  const lost = proxy.loseNext(/DeleteVideos/);
  await pressDelete(page, 'Video 150');
  await lost;

  await page.getByText('1 video is in Removed').waitFor();
  await row(page, 'Video 150').waitFor({ state: 'detached' });
  await row(page, 'Video 149').waitFor();
  expect(await page.locator('.count').innerText()).toBe('149 videos');
  expect(sent.map(({ name }) => name)).toEqual(['DeleteVideos', 'TrueStates']);
});

test('one that did not arrive is told so with the time of the look, and can be sent again or looked at again', async ({
  expect,
}) => {
  const videos = createShelf(2);
  const id = String(videos[0]?.videoId);
  await using app = await openWebApp(browser(), { env, videos, allow: LOST });
  const { page, sandbox } = app;
  const end = await answerInstead(page, 'DeleteVideos', cut);
  await pressDelete(page, 'Video 1');

  await panel(page).getByText('It is not known whether 1 video was deleted').waitFor();
  await panel(page).getByText('1 video has not been deleted so far').waitFor();
  await panel(page)
    .getByText(/at \d+:\d\d:\d\d [AP]M, nothing had changed: Video 1/)
    .waitFor();
  expect(await panel(page).getByRole('button').allInnerTexts()).toEqual([
    'Try 1 again',
    'Look again',
    'Dismiss',
  ]);
  expect(await readTicked(page)).toEqual(['Video 1']);
  expect(app.writes()).toEqual([]);
  await end();

  // As if a gateway had gone on with the call.
  sandbox.remove(id);
  await panel(page).getByRole('button', { name: 'Look again' }).click();
  await page.getByText('1 video is in Removed').waitFor();
  await eventually(async () => expect(await readTitles(page)).toEqual(['Video 2']));
  expect(await panel(page).count()).toBe(0);
  expect(app.writes()).toEqual([]);
});

test('a gateway that goes on after the first look is noticed by a second one', async ({ expect }) => {
  const videos = createShelf(2);
  await using app = await openWebApp(browser(), {
    env,
    videos,
    allow: LOST,
    prepare: (_context, page) => page.clock.install(),
  });
  const { page, sandbox } = app;
  await answerInstead(page, 'DeleteVideos', cut);
  await pressDelete(page, 'Video 1');
  await panel(page).getByText('It is not known').waitFor();
  await page.clock.runFor(3_500);
  await panel(page).getByText('has not been deleted so far').waitFor();
  sandbox.remove(String(videos[0]?.videoId));
  await page.clock.runFor(31_000);

  await page.getByText('1 video is in Removed').waitFor();
  await eventually(async () => expect(await readTitles(page)).toEqual(['Video 2']));
  expect(await selection(page).count()).toBe(0);
});

test('a second look does not speak of what was sent again and answered since', async ({ expect }) => {
  const videos = createShelf(2);
  await using app = await openWebApp(browser(), {
    env,
    videos,
    allow: LOST,
    prepare: (_context, page) => page.clock.install(),
  });
  const { page } = app;
  const end = await answerInstead(page, 'DeleteVideos', cut);
  await pressDelete(page, 'Video 1');
  await panel(page).getByText('It is not known').waitFor();
  await page.clock.runFor(3_500);
  await panel(page).getByText('has not been deleted so far').waitFor();
  await end();
  await panel(page).getByRole('button', { name: 'Try 1 again' }).click();
  await page.getByText('1 video moved to Removed').waitFor();
  await page.clock.runFor(31_000);

  await row(page, 'Video 2').waitFor();
  expect(await page.getByText('is in Removed').count()).toBe(0);
  expect(await panel(page).count()).toBe(0);
});

test('if the app cannot look, it says so, and looks when it is told to', async ({ expect }) => {
  const videos = createShelf(2);
  const { app, proxy } = await openLosing(browser(), { env, videos });
  await using _ = app;
  const { page } = app;
  await row(page, 'Video 1').waitFor();
  const end = await answerInstead(page, 'TrueStates', cut);
  const lost = proxy.loseNext(/DeleteVideos/);
  await pressDelete(page, 'Video 1');
  await lost;

  await panel(page).getByText('The app could not look. The gateway could not be reached.').waitFor();
  await panel(page).getByText('It is not known whether 1 video was deleted').waitFor();
  expect(await readTitles(page)).toEqual(['Video 1', 'Video 2']);
  await end();
  await panel(page).getByRole('button', { name: 'Look again' }).click();
  await page.getByText('1 video is in Removed').waitFor();
  await eventually(async () => expect(await readTitles(page)).toEqual(['Video 2']));
  expect(app.writes()).toHaveLength(1);
});

test('a permanent deletion whose answer is lost is known by the video being gone', async ({ expect }) => {
  const videos = createShelf(2);
  const { app, proxy } = await openLosing(browser(), { videos, videoRestore: false });
  await using _ = app;
  const { page } = app;
  await pressDelete(page, 'Video 1');
  await question(page).getByRole('textbox').fill('delete 1');
  const lost = proxy.loseNext(/"ALLOW"/);
  await page.keyboard.press('Enter');
  await lost;

  await panel(page).getByText('It is not known whether 1 video was deleted').waitFor();
  await page.getByText('1 video is gone permanently').waitFor();
  await eventually(async () => expect(await readTitles(page)).toEqual(['Video 2']));
  expect(await panel(page).count()).toBe(0);
  expect(app.writes()).toHaveLength(1);
});

test('a restore whose answer is lost is looked at too', async ({ expect }) => {
  const { videos } = createRemovedVideos(2);
  const { app, proxy } = await openLosing(browser(), { env, videos, path: '/removed' });
  await using _ = app;
  const { page } = app;
  await box(page, 'Video 0').click();
  const lost = proxy.loseNext(/RestoreVideos/);
  await page.getByRole('button', { name: 'Restore 1 video' }).click();
  await lost;

  await panel(page).getByText('It is not known whether 1 video was restored').waitFor();
  await page.getByText('1 video is in Videos').waitFor();
  await eventually(async () => expect(await readTitles(page)).toEqual(['Video 1']));
  await page.getByRole('link', { name: 'Videos' }).click();
  await row(page, 'Video 0').waitFor();
});
