// A look that has failed is told as long as there is something to look at, and no longer.
import { test } from 'vitest';
import { createShelf } from '../support/create-videos.ts';
import { row } from '../support/video-list.ts';
import { alter, answerInstead, cut, LOST, panel, pressDelete, toFailure } from '../support/web-acts.ts';
import { openWebApp, useBrowser } from '../support/web-app.ts';

const browser = useBrowser();

test('once what could not be looked at has been deleted, only the other failure is told', async ({
  expect,
}) => {
  const videos = createShelf(3);
  await using app = await openWebApp(browser(), { env: { VIDEO_RESTORE: 'on' }, videos, allow: LOST });
  const { page } = app;
  const reject = alter(({ data }) => {
    data.deleteVideos?.results.splice(0, 1, {
      ...toFailure(videos[0]?.videoId, 'UPSTREAM_REJECTED'),
      retryable: false,
    });
  });
  const endRejecting = await answerInstead(page, 'DeleteVideos', reject);
  await pressDelete(page, 'Video 1');
  await panel(page).getByText('refused it').waitFor();
  await endRejecting();
  await page.getByRole('button', { name: 'Clear', exact: true }).click();
  await answerInstead(page, 'TrueStates', cut);
  const endCutting = await answerInstead(page, 'DeleteVideos', cut);
  await pressDelete(page, 'Video 2');
  await panel(page).getByText('could not be reached').waitFor();
  await endCutting();

  await page.getByRole('button', { name: 'Delete 1 video' }).click();

  await page.getByText('1 video moved to Removed').waitFor();
  await row(page, 'Video 2').waitFor({ state: 'detached' });
  expect(await panel(page).innerText()).toContain('refused it');
  expect(await panel(page).innerText()).not.toContain('could not be reached');
});
