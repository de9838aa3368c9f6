// How long a deletion will take is said beside its button, if api.video's rate limit makes it long, and only then.
import { test } from 'vitest';
import { createShelf } from '../support/create-videos.ts';
import { box, row, selection, watchSent } from '../support/video-list.ts';
import { pressDelete, undo } from '../support/web-acts.ts';
import { openWebApp, useBrowser } from '../support/web-app.ts';

const browser = useBrowser();
const env = { VIDEO_RESTORE: 'on' };
const LIMITED = { limits: { reads: 5_000, writes: 20 } };

test('more than what is left of this minute waits for the next one, and for further ones', async ({
  expect,
}) => {
  await using app = await openWebApp(browser(), { env, videos: createShelf(60), ...LIMITED });
  const { page } = app;
  // The gateway knows of limits once api.video has answered a change.
  await pressDelete(page, 'Video 1');
  await undo(page).waitFor();

  await page.locator('.bar .box').click();

  const about = selection(page).getByText(/^about /);
  await about.waitFor();
  // 19 at once, 20 in the next minute, 20 in the one after.
  expect(await about.innerText()).toMatch(/^about (6[1-9]|[78]\d) s$|^about 2 min$/);
  expect(app.writes()).toHaveLength(1);
});

test('also for a dozen, if fewer are left, with the seconds until more are allowed', async ({ expect }) => {
  const limits = { reads: 5_000, writes: 8 };
  await using app = await openWebApp(browser(), { env, videos: createShelf(20), limits });
  const { page } = app;
  await pressDelete(page, 'Video 1', 'Video 2');
  await undo(page).waitFor();

  await box(page, 'Video 3').click();
  await box(page, 'Video 14').click({ modifiers: ['Shift'] });
  await selection(page).getByText('12 selected', { exact: true }).waitFor();

  const about = selection(page).getByText(/^about /);
  await about.waitFor();
  expect(await about.innerText()).toMatch(/^about ([1-9]|[1-8]\d) s$/);
});

test('nothing is said of what fits, and the gateway reads nothing for it', async ({ expect }) => {
  await using app = await openWebApp(browser(), {
    env,
    videos: createShelf(60),
    limits: { reads: 5_000, writes: 200 },
  });
  const { page } = app;
  await pressDelete(page, 'Video 1');
  await undo(page).waitFor();
  app.sandbox.clearRequests();
  const sent = watchSent(page);
  const isAnswered = page.waitForResponse(
    (response) => response.request().postDataJSON()?.operationName === 'UpstreamBudget',
  );

  await page.locator('.bar .box').click();
  await isAnswered;
  await row(page, 'Video 2').waitFor();

  expect(await selection(page).innerText()).not.toContain('about');
  expect(sent.filter(({ name }) => name === 'UpstreamBudget').length).toBeGreaterThan(0);
  expect(app.sandbox.requests).toEqual([]);
});
