// A deletion in the background is taken back in its strip, and does not stand in the way of Ctrl+Z.
import { test } from 'vitest';
import * as z from 'zod';
import { createShelf } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { row } from '../support/video-list.ts';
import { openLosing, pressDelete, undo } from '../support/web-acts.ts';
import { useBrowser } from '../support/web-app.ts';

const browser = useBrowser();

const ENDED = z.object({
  data: z.object({
    operations: z.object({ nodes: z.array(z.object({ finishedAt: z.string() })).length(1) }),
  }),
});

/** Waits until the only operation has ended, without the page hearing of it. */
const waitForEnd = (url: string) =>
  eventually(async () => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ operations(first: 1) { nodes { finishedAt } } }' }),
    });
    ENDED.parse(await response.json());
  });

test('Ctrl+Z takes back the deletion before an operation that had ended when it was answered', async ({
  expect,
}) => {
  const videos = createShelf(61);
  const { app, proxy } = await openLosing(browser(), { env: { VIDEO_RESTORE: 'on' }, videos });
  await using _ = app;
  const { page } = app;
  await pressDelete(page, 'Video 1');
  await undo(page).waitFor();
  const lost = [1, 2, 3].map(() => proxy.loseNext(/DeleteVideos/));
  await page.locator('.bar .box').click();
  await page.getByRole('button', { name: 'Delete 60 videos' }).click();
  await Promise.all(lost);
  await waitForEnd(app.url);
  await page.getByRole('button', { name: 'Try 60 again' }).click();
  await page.locator('.strip').getByRole('button', { name: 'Undo' }).waitFor();
  // An empty list gives the focus to the search field, where Ctrl+Z is the field's.
  await page.getByRole('link', { name: 'Videos' }).focus();

  await page.keyboard.press('Control+z');

  await row(page, 'Video 1').waitFor();
  expect(app.writes().filter((write) => write.startsWith('RESTORE'))).toEqual([
    `RESTORE ${videos[0]?.videoId}`,
  ]);
});
