// A part of the app that cannot be loaded when it is wanted, since the network has gone or a new version has replaced it.
import { test } from 'vitest';
import { createVideos } from '../support/create-videos.ts';
import { assertVisible, findBarriers, openWebApp, useBrowser } from '../support/web-app.ts';

const browser = useBrowser();

test('the list and the ticks stay, and the page says what to do', async ({ expect }) => {
  await using app = await openWebApp(browser(), {
    videos: createVideos(3).videos,
    env: { VIDEO_RESTORE: 'on' },
    prepare: (_context, page) => page.route(/assets\/row-menu-/, (route) => route.abort()),
    allow: /ERR_FAILED|Failed to fetch dynamically imported module/,
  });
  const { page } = app;
  await page.locator('.row .box').first().click();
  await page
    .getByRole('button', { name: /^Actions for/ })
    .first()
    .click();

  await page.getByText('A part of the app could not be loaded').waitFor();
  expect(await page.locator('.row .what').count()).toBe(3);
  await page.getByText('1 selected', { exact: true }).waitFor();
  expect(await findBarriers(page)).toEqual([]);
  await assertVisible(page);
  await page.unrouteAll();
  await page.getByRole('button', { name: 'Load again' }).click();
  await page
    .getByRole('button', { name: /^Actions for/ })
    .first()
    .click();
  await page.getByRole('menuitem', { name: 'Preview' }).waitFor();
});
