// Where the focus goes when the row or the button that had it leaves: never to the body.
import type { Page } from 'playwright-core';
import { describe, test } from 'vitest';
import { createShelf } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { box, readFocus, readTitles, row, selection } from '../support/video-list.ts';
import { openWebApp, useBrowser } from '../support/web-app.ts';

const browser = useBrowser();

async function openShelf(count: number) {
  const app = await openWebApp(browser(), { env: { VIDEO_RESTORE: 'on' }, videos: createShelf(count) });
  await row(app.page, 'Video 1').waitFor();
  return app;
}

async function expectFocus(page: Page, name: string): Promise<void> {
  await eventually(async () => {
    const focus = await readFocus(page);
    if (focus !== name) throw new Error(`The focus is on ${focus}, not on ${name}.`);
  });
}

describe('after a deletion', () => {
  test('by the Delete key it is on the row that took the place', async ({ expect }) => {
    await using app = await openShelf(4);
    const { page } = app;
    await row(page, 'Video 2').focus();
    await page.keyboard.press('Delete');

    await eventually(async () => expect(await readTitles(page)).toEqual(['Video 1', 'Video 3', 'Video 4']));
    await expectFocus(page, 'Video 3');
    await page.keyboard.press('ArrowDown');
    await expectFocus(page, 'Video 4');
  });

  test('of the last row it is on the one before', async ({ expect }) => {
    await using app = await openShelf(3);
    const { page } = app;
    await row(page, 'Video 3').focus();
    await page.keyboard.press('Delete');

    await eventually(async () => expect(await readTitles(page)).toEqual(['Video 1', 'Video 2']));
    await expectFocus(page, 'Video 2');
  });

  test('of the only row it is on the search field', async () => {
    await using app = await openShelf(1);
    await row(app.page, 'Video 1').focus();
    await app.page.keyboard.press('Delete');

    await app.page.getByText('No videos yet').waitFor();
    await expectFocus(app.page, 'Search titles');
  });

  test('by the button in the bar it is in the list, where the ticked rows were', async ({ expect }) => {
    await using app = await openShelf(6);
    const { page } = app;
    await box(page, 'Video 2').click();
    await box(page, 'Video 3').click();
    await selection(page).getByRole('button', { name: 'Delete 2 videos' }).focus();
    await page.keyboard.press('Enter');

    await eventually(async () =>
      expect(await readTitles(page)).toEqual(['Video 1', 'Video 4', 'Video 5', 'Video 6']),
    );
    await expectFocus(page, 'Video 4');
  });

  test('from a menu it is on the row that took the place', async ({ expect }) => {
    await using app = await openShelf(3);
    const { page } = app;
    await row(page, 'Video 2').getByRole('button').click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();

    await eventually(async () => expect(await readTitles(page)).toEqual(['Video 1', 'Video 3']));
    await expectFocus(page, 'Video 3');
  });
});

test('after "Clear" it is in the list', async () => {
  await using app = await openShelf(4);
  const { page } = app;
  await box(page, 'Video 3').click();
  await selection(page).getByRole('button', { name: 'Clear' }).focus();
  await page.keyboard.press('Enter');

  await page.getByText('4 videos').waitFor();
  await expectFocus(page, 'Video 3');
});

test('after "Select all" it is not on the body', async ({ expect }) => {
  await using app = await openShelf(130);
  const { page } = app;
  await page.locator('.bar .box').click();
  const all = selection(page).getByRole('button', { name: 'Select all 130' });
  await all.focus();
  await page.keyboard.press('Enter');
  await selection(page).getByText('130 selected').waitFor();

  await eventually(async () => expect(await readFocus(page)).not.toBe('BODY'));
});
