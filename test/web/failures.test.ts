// What fails is told for each video as it is, and only what may still work is sent again.
import { test } from 'vitest';
import type { SandboxRequest } from '../../src/sandbox/server.ts';
import { createShelf } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { readFocus, readTicked, readTitles, row, selection, watchSent } from '../support/video-list.ts';
import { alter, answerInstead, panel, pressDelete, toAnswer, toFailure } from '../support/web-acts.ts';
import { openWebApp, useBrowser } from '../support/web-app.ts';

const browser = useBrowser();
const env = { VIDEO_RESTORE: 'on' };

const isDeletionOf =
  (id: string | undefined) =>
  ({ method, videoId }: SandboxRequest) =>
    method === 'DELETE' && videoId === id;

test('mixed results are told for each video; what may still work is sent again by one button, and nothing else', async ({
  expect,
}) => {
  const videos = createShelf(4);
  const [down, rejected] = videos.map(({ videoId }) => videoId);
  await using app = await openWebApp(browser(), { env, videos });
  const { page, sandbox } = app;
  sandbox.setFault((request) => {
    if (isDeletionOf(down)(request))
      return { kind: 'answer', acts: false, status: 503, body: '{"title":"down"}' };
    if (isDeletionOf(rejected)(request))
      return {
        kind: 'answer',
        acts: false,
        status: 400,
        headers: { 'content-type': 'application/problem+json' },
        body: '{"type":"https://docs.api.video/reference/invalid-attribute","title":"no","status":400}',
      };
    return undefined;
  });
  await pressDelete(page, 'Video 1', 'Video 2', 'Video 3');

  await panel(page).getByText('2 videos could not be deleted').waitFor();
  expect((await panel(page).getByRole('listitem').allInnerTexts()).toSorted()).toEqual([
    'api.video could not be reached, or failed. Nothing changed: Video 1',
    'api.video refused it. Nothing changed: Video 2',
  ]);
  await page.getByText('1 video moved to Removed').waitFor();
  expect(await readTitles(page)).toEqual(['Video 1', 'Video 2', 'Video 4']);
  expect(await readTicked(page)).toEqual(['Video 1', 'Video 2']);

  sandbox.setFault(undefined);
  sandbox.clearRequests();
  const sent = watchSent(page);
  await panel(page).getByRole('button', { name: 'Try 1 again' }).click();
  await eventually(async () => expect(await readTitles(page)).toEqual(['Video 2', 'Video 4']));
  expect(sent.map(({ name, ids }) => ({ name, ids }))).toEqual([{ name: 'DeleteVideos', ids: [down] }]);
  expect(app.writes()).toEqual([`DELETE ${down}`]);
  await panel(page).getByText('1 video could not be deleted').waitFor();
  expect(await readTicked(page)).toEqual(['Video 2']);
  await eventually(async () => expect(await readFocus(page)).not.toBe('BODY'));

  await panel(page).getByRole('button', { name: 'Dismiss' }).click();
  await panel(page).waitFor({ state: 'detached' });
  expect(await readTicked(page)).toEqual(['Video 2']);
  await eventually(async () => expect(await readFocus(page)).not.toBe('BODY'));
});

test('what the rate limit kept back shows its wait, counts down, and can then be sent', async ({
  expect,
}) => {
  const videos = createShelf(4);
  await using app = await openWebApp(browser(), {
    env,
    videos,
    limits: { reads: 500, writes: 3 },
    windowMs: 26_000,
  });
  const { page, sandbox } = app;
  await row(page, 'Video 1').waitFor();
  await pressDelete(page, 'Video 1', 'Video 2', 'Video 3', 'Video 4');

  const button = panel(page).getByRole('button', { name: /^Try \d again in \d+ s$/ });
  await button.waitFor();
  const seconds = async () => Number(/in (\d+) s/.exec(await button.innerText())?.[1]);
  const before = await seconds();
  expect(before).toBeGreaterThan(2);
  expect(await button.isDisabled()).toBe(true);
  expect(await panel(page).innerText()).toContain('api.video limits the changes per minute');
  // Else each second would be read out.
  expect(await panel(page).getByRole('alert').getByRole('button').count()).toBe(0);
  await eventually(async () => expect(await seconds()).toBeLessThan(before));
  const left = await readTicked(page);
  expect(left.length).toBeGreaterThan(0);
  sandbox.clearRequests();

  await panel(page)
    .getByRole('button', { name: /^Try \d again$/ })
    .click();
  await page.getByText('No videos yet').waitFor();
  await panel(page).waitFor({ state: 'detached' });
  expect(app.writes().filter((write) => write.startsWith('DELETE'))).toHaveLength(left.length);
});

test('another call does not make the wait of what has failed begin anew', async ({ expect }) => {
  const videos = createShelf(3);
  await using app = await openWebApp(browser(), { env, videos });
  const { page } = app;
  const id = videos[0]?.videoId;
  const end = await answerInstead(page, 'DeleteVideos', (route) =>
    route.fulfill({ json: toAnswer([toFailure(id, 'NOT_ATTEMPTED', 50)]) }),
  );
  await pressDelete(page, 'Video 1');
  const button = panel(page).getByRole('button', { name: /^Try/ });
  await eventually(async () => expect(await button.innerText()).toMatch(/in 4[0-7] s/));
  await end();
  await row(page, 'Video 3').getByRole('button').click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByText('1 video moved to Removed').waitFor();

  expect(await button.innerText()).toMatch(/in (4[0-7]|3\d) s/);
});

test('a video that was destroyed against the wish is not called one that could not be deleted', async ({
  expect,
}) => {
  await using app = await openWebApp(browser(), { env, videos: createShelf(2), videoRestore: false });
  const { page, sandbox } = app;
  await pressDelete(page, 'Video 1');

  await panel(page)
    .getByText('1 video was deleted permanently, because Video Restore was switched off')
    .waitFor();
  await panel(page).getByText('Video Restore was switched off just then').waitFor();
  expect(await panel(page).innerText()).not.toContain('could not');
  await eventually(async () => expect(await readTitles(page)).toEqual(['Video 2']));
  expect(await selection(page).count()).toBe(0);
  expect(await panel(page).getByRole('button').allInnerTexts()).toEqual(['Dismiss']);
  expect(await page.getByRole('button', { name: 'Undo' }).count()).toBe(0);
  expect(sandbox.videos().filter(({ title }) => title === 'Video 1')).toEqual([]);
});

test('an unknown outcome is called that; a look shows how it is, and at what time', async ({ expect }) => {
  const videos = createShelf(3);
  const [first, second] = videos.map(({ videoId }) => videoId);
  await using app = await openWebApp(browser(), { env, videos });
  const { page, sandbox } = app;
  const end = await answerInstead(page, 'DeleteVideos', async (route) =>
    route.fulfill({
      json: toAnswer([toFailure(first, 'OUTCOME_UNKNOWN'), toFailure(second, 'OUTCOME_UNKNOWN')]),
    }),
  );
  await pressDelete(page, 'Video 1', 'Video 2');

  await panel(page).getByText('It is not known whether 2 videos were deleted').waitFor();
  await end();
  expect(await panel(page).innerText()).not.toContain('could not');
  expect(await readTicked(page)).toEqual(['Video 1', 'Video 2']);
  sandbox.remove(String(first));
  await panel(page).getByRole('button', { name: 'Look again' }).click();

  await page.getByText('1 video is in Removed').waitFor();
  await panel(page).getByText('1 video has not been deleted so far').waitFor();
  await panel(page)
    .getByText(/at \d+:\d\d:\d\d [AP]M, nothing had changed: Video 2/)
    .waitFor();
  expect(await readTitles(page)).toEqual(['Video 2', 'Video 3']);
  expect(await readTicked(page)).toEqual(['Video 2']);
  // Whoever removed it: nobody knows.
  expect(await page.getByRole('button', { name: 'Undo' }).count()).toBe(0);

  await panel(page).getByRole('button', { name: 'Try 1 again' }).click();
  await eventually(async () => expect(await readTitles(page)).toEqual(['Video 3']));
  expect(app.writes()).toEqual([`DELETE ${second}`]);
});

test('a call that the gateway refuses as a whole says why, keeps the ticks, and can be made again', async ({
  expect,
}) => {
  await using app = await openWebApp(browser(), { env, videos: createShelf(3) });
  const { page } = app;
  const mistake = {
    __typename: 'UserError',
    code: 'TOO_MANY_OPERATIONS',
    field: null,
    message: 'Too many. Wait.',
  };
  const end = await answerInstead(page, 'DeleteVideos', (route) =>
    route.fulfill({ json: toAnswer([], [mistake]) }),
  );
  await pressDelete(page, 'Video 1', 'Video 2');

  await panel(page).getByText('Nothing was deleted. Too many. Wait.').waitFor();
  expect(await readTicked(page)).toEqual(['Video 1', 'Video 2']);
  await end();
  await panel(page).getByRole('button', { name: 'Try 2 again' }).click();
  await eventually(async () => expect(await readTitles(page)).toEqual(['Video 3']));
  await panel(page).waitFor({ state: 'detached' });
  expect(app.writes()).toHaveLength(2);
});

test('an error beside the results does not hide them', async ({ expect }) => {
  await using app = await openWebApp(browser(), { env, videos: createShelf(2) });
  const { page } = app;
  await answerInstead(
    page,
    'DeleteVideos',
    alter((answer) => {
      const [result] = answer.data.deleteVideos?.results ?? [];
      if (result) result.video = null;
      answer.errors = [{ message: 'No video.', path: ['deleteVideos', 'results', 0, 'video'] }];
    }),
  );
  await pressDelete(page, 'Video 1');

  await page.getByText('1 video moved to Removed').waitFor();
  await eventually(async () => expect(await readTitles(page)).toEqual(['Video 2']));
  await page.locator('.toast').getByRole('button', { name: 'Undo' }).click();
  await page.getByText('1 video is back in Videos').waitFor();
  expect(await panel(page).count()).toBe(0);
  expect(app.writes()).toHaveLength(2);
});

test('more titles than three are counted, and long ones cut', async ({ expect }) => {
  const [first, ...others] = createShelf(6);
  const videos = first ? [{ ...first, title: 'x'.repeat(400) }, ...others] : [];
  await using app = await openWebApp(browser(), { env, videos });
  const { page, sandbox } = app;
  await row(page, 'Video 2').waitFor();
  await page.locator('.bar .box').click();
  for (const { videoId } of videos.slice(0, 5)) sandbox.destroy(videoId);
  await page.getByRole('button', { name: 'Delete 6 videos' }).click();

  await panel(page).getByText('5 videos could not be deleted').waitFor();
  const text = await panel(page).getByRole('listitem').innerText();
  expect(text).toContain(`: ${'x'.repeat(79)}…, Video 2, Video 3 and 2 more`);
});
