// The Delete key does what one press means, and nothing more.
import { test } from 'vitest';
import { createShelf } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { box, readTitles, row, watchSent } from '../support/video-list.ts';
import { openWebApp, useBrowser } from '../support/web-app.ts';

const browser = useBrowser();
const ON = { VIDEO_RESTORE: 'on' };

test('held down, it deletes once: not the rows that move up', async ({ expect }) => {
  const videos = createShelf(6);
  await using app = await openWebApp(browser(), { env: ON, videos });
  const { page } = app;
  await row(page, 'Video 1').waitFor();
  const sent = watchSent(page);
  await box(page, 'Video 1').click();
  await box(page, 'Video 2').click();
  await row(page, 'Video 2').focus();

  await page.keyboard.down('Delete');
  await page.getByText('2 videos moved to Removed').waitFor();
  await eventually(async () =>
    expect(await page.evaluate('document.activeElement.closest("[data-key]") !== null')).toBe(true),
  );
  // Each further press of a key that is down is a repetition.
  for (let press = 0; press < 10; press++) await page.keyboard.down('Delete');
  await page.keyboard.up('Delete');
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('2 videos are back in Videos').waitFor();

  const deletions = sent.filter(({ name }) => name === 'DeleteVideos');
  expect(deletions.map(({ ids }) => ids?.length)).toEqual([2]);
  expect((await readTitles(page)).length).toBe(6);
});

test.for(['Control', 'Alt', 'Shift', 'Meta'])('with %s, it deletes nothing', async (modifier, { expect }) => {
  await using app = await openWebApp(browser(), { env: ON, videos: createShelf(2) });
  await row(app.page, 'Video 1').focus();

  await app.page.keyboard.press(`${modifier}+Delete`);
  await app.page.keyboard.press('Delete');
  await app.page.getByText('1 video moved to Removed').waitFor();

  expect(app.writes()).toHaveLength(1);
});

test('in the menu of a row, it does not delete what is ticked', async ({ expect }) => {
  await using app = await openWebApp(browser(), { env: ON, videos: createShelf(4) });
  const { page } = app;
  await box(page, 'Video 1').click();
  await page.getByRole('button', { name: 'Actions for Video 4' }).click();
  await page.getByRole('menuitem', { name: 'Preview' }).waitFor();

  await page.keyboard.press('Delete');
  await page.keyboard.press('Escape');
  await page.getByRole('menu').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Delete 1 video' }).click();
  await page.getByText('1 video moved to Removed').waitFor();

  expect(app.writes()).toHaveLength(1);
});
