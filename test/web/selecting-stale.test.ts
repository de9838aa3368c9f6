// While the rows of a new filter are on their way, those of the last one are still there: nothing of them can be ticked.
import { test } from 'vitest';
import { createShelf } from '../support/create-videos.ts';
import { holdBack, readTitles, row, selection } from '../support/video-list.ts';
import { openWebApp, useBrowser } from '../support/web-app.ts';

const browser = useBrowser();

test('a box ticks nothing of the last filter, and the rows of the new one once they are there', async ({
  expect,
}) => {
  await using app = await openWebApp(browser(), { env: { VIDEO_RESTORE: 'on' }, videos: createShelf(20) });
  const { page } = app;
  await row(page, 'Video 1').waitFor();
  const letGo = await holdBack(page, 'LiveList');
  await page.getByRole('searchbox', { name: 'Search titles' }).fill('Video 1');
  await page.locator('.pane[data-outdated]').waitFor();

  const all = page.getByRole('checkbox', { name: 'Select all that are loaded' });
  expect(await all.isDisabled()).toBe(true);
  expect(await row(page, 'Video 2').getByRole('checkbox').isDisabled()).toBe(true);
  await row(page, 'Video 2').focus();
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  expect(await selection(page).count()).toBe(0);
  letGo();
  await row(page, 'Video 2').waitFor({ state: 'detached' });
  expect(await all.isDisabled()).toBe(false);
  await page.locator('.bar .box').click();

  await selection(page).getByText('11 selected', { exact: true }).waitFor();
  expect((await readTitles(page)).every((title) => title.startsWith('Video 1'))).toBe(true);
  expect(app.writes()).toEqual([]);
});
