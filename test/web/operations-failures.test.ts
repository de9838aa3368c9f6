// What an operation could not do: told by reason, tried again where that helps, and confirmed where it would be permanent.
import { test } from 'vitest';
import type { Fault } from '../../src/sandbox/server.ts';
import { createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { deleteAll, readStrips, recordCalls, waitForStrip } from '../support/operation-strips.ts';
import { toProblem } from '../support/problem.ts';
import { answerInstead, cut } from '../support/web-acts.ts';
import { openWebApp, useBrowser } from '../support/web-app.ts';

const browser = useBrowser();
const VIDEO_RESTORE = { VIDEO_RESTORE: 'on' };
const FAST = { limits: { reads: 5_000, writes: 5_000 } };

test('videos that are gone are named with the reason, and are not offered again', async ({ expect }) => {
  const { videos } = createVideos(60);
  await using app = await openWebApp(browser(), { videos, env: VIDEO_RESTORE, ...FAST });
  await app.page.getByRole('row').first().waitFor();
  const gone = videos.slice(10, 13);
  for (const { videoId } of gone) app.sandbox.destroy(videoId);

  await deleteAll(app.page, 60);
  await waitForStrip(app.page, /^57 videos moved to Removed · 3 failed Show the 3 Undo Dismiss$/);
  await app.page.getByRole('button', { name: 'Show the 3' }).click();

  const reason = app.page.locator('.strip').getByRole('listitem');
  await reason.waitFor();
  expect(await reason.innerText()).toMatch(/^No longer there, neither in Videos nor in Removed: /);
  const named = await reason.locator('q').allInnerTexts();
  expect(named.toSorted()).toEqual(gone.map(({ title }) => title));
  expect(await app.page.getByRole('button', { name: /again|permanently/ }).count()).toBe(0);
  await app.page.getByRole('button', { name: 'Hide' }).click();
  expect(await reason.count()).toBe(0);
});

test('what api.video rejected for now is sent again by one button, and nothing else is', async ({
  expect,
}) => {
  const { videos, ids } = createVideos(60);
  await using app = await openWebApp(browser(), { videos, env: VIDEO_RESTORE, ...FAST });
  const refusal: Fault = { kind: 'answer', acts: false, status: 409, body: toProblem(409) };
  const locked = new Set(ids.slice(0, 4));
  app.sandbox.setFault(({ method, videoId = '' }) =>
    method === 'DELETE' && locked.has(videoId) ? refusal : undefined,
  );
  await deleteAll(app.page, 60);
  await waitForStrip(app.page, /^56 videos moved to Removed · 4 failed/);
  app.sandbox.setFault(undefined);
  app.sandbox.clearRequests();

  await app.page.getByRole('button', { name: 'Show the 4' }).click();
  await app.page.getByRole('button', { name: 'Try 4 again' }).click();

  await app.page.getByText('4 videos moved to Removed').waitFor();
  expect(app.writes().toSorted()).toEqual([...locked].map((id) => `DELETE ${id}`).toSorted());
  expect(await app.page.getByRole('button', { name: 'Try 4 again' }).count()).toBe(0);
});

test('what would be permanent is sent only after it was typed', async ({ expect }) => {
  const { videos, ids } = createVideos(60);
  await using app = await openWebApp(browser(), { videos, videoRestore: false, ...FAST });
  await deleteAll(app.page, 60);
  // The reason stands there without being asked for.
  await waitForStrip(
    app.page,
    /^60 videos could not be deleted Hide Dismiss Not deleted, because Video Restore is off.*permanently…$/,
  );
  expect(app.writes()).toEqual([]);

  await app.page.getByRole('button', { name: 'Delete 60 videos permanently…' }).click();
  await app.page.getByRole('textbox', { name: /Type delete 60/ }).fill('delete 60');
  expect(app.writes()).toEqual([]);
  await app.page.getByRole('button', { name: 'Delete permanently' }).click();

  await waitForStrip(app.page, /^60 videos deleted permanently Dismiss$/);
  expect(app.writes().toSorted()).toEqual(ids.map((id) => `DELETE ${id}`).toSorted());
  expect(ids.map((id) => app.sandbox.state(id))).toEqual(ids.map(() => 'absent'));
});

test('while api.video fails, the strip says that it waits', async ({ expect }) => {
  const { videos } = createVideos(60);
  await using app = await openWebApp(browser(), { videos, env: VIDEO_RESTORE, ...FAST });
  await app.page.getByRole('row').first().waitFor();
  app.sandbox.setFault(() => ({ kind: 'answer', acts: false, status: 500 }));
  await deleteAll(app.page, 60);

  await waitForStrip(app.page, /Deleting 60 videos paused: api.video is not responding Cancel/);
  app.sandbox.setFault(undefined);
  await waitForStrip(app.page, /^60 videos moved to Removed/);
  expect(await readStrips(app.page)).toHaveLength(1);
}, 180_000);

test('failures that could not be read can be read again', async ({ expect }) => {
  const { videos } = createVideos(60);
  await using app = await openWebApp(browser(), {
    videos,
    env: VIDEO_RESTORE,
    ...FAST,
    allow: /Failed to load resource/,
  });
  await app.page.getByRole('row').first().waitFor();
  for (const { videoId } of videos.slice(0, 2)) app.sandbox.destroy(videoId);
  await deleteAll(app.page, 60);
  await waitForStrip(app.page, /2 failed/);

  const endCutting = await answerInstead(app.page, 'OperationResults', cut);
  await app.page.getByRole('button', { name: 'Show the 2' }).click();
  await app.page.locator('.strip').getByRole('button', { name: 'Try again' }).waitFor();
  await endCutting();
  const calls = recordCalls(app.page);
  await app.page.locator('.strip').getByRole('button', { name: 'Try again' }).click();

  await app.page.locator('.strip').getByRole('listitem').waitFor();
  await eventually(() => expect(calls).toEqual(['OperationResults']));
});
