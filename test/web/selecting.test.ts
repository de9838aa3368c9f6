// Ticks: by pointer and by keyboard, in ranges, and kept while what is shown changes.
import type { Page } from 'playwright-core';
import { describe, test } from 'vitest';
import { createShelf, createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { box, readFocus, readTicked, readTitles, row, scrollTo, selection } from '../support/video-list.ts';
import { openWebApp, useBrowser, type WebAppOptions } from '../support/web-app.ts';

const browser = useBrowser();
const env = { VIDEO_RESTORE: 'on' };

async function openShelf(count: number, options: WebAppOptions = {}) {
  const videos = createShelf(count);
  const app = await openWebApp(browser(), { env, videos, ...options });
  await row(app.page, 'Video 1').waitFor();
  const idOf = (title: string) => videos.find((video) => video.title === title)?.videoId;
  return { app, page: app.page, idOf, [Symbol.asyncDispose]: () => app[Symbol.asyncDispose]() };
}

const names = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => `Video ${first + index}`);

async function focusRow(page: Page, title: string): Promise<void> {
  await page.evaluate(
    `[...document.querySelectorAll('.row')].find((row) => row.querySelector('strong').textContent === '${title}').focus()`,
  );
}

describe('a range from the last tick', () => {
  test.for<readonly [string, (page: Page) => Promise<unknown>]>([
    ['Shift on a box', (page) => box(page, 'Video 5').click({ modifiers: ['Shift'] })],
    [
      'Shift on a row',
      (page) =>
        row(page, 'Video 5')
          .locator('.when')
          .click({ modifiers: ['Shift'] }),
    ],
    [
      'Shift and Down',
      async (page) => {
        for (let step = 0; step < 3; step++) await page.keyboard.press('Shift+ArrowDown');
      },
    ],
    [
      'Shift and Space',
      async (page) => {
        for (let step = 0; step < 3; step++) await page.keyboard.press('ArrowDown');
        await page.keyboard.press('Shift+Space');
      },
    ],
  ])('is ticked by %s', async ([, extend], { expect }) => {
    await using shelf = await openShelf(8);
    await focusRow(shelf.page, 'Video 2');
    await shelf.page.keyboard.press('Space');
    await selection(shelf.page).getByText('1 selected', { exact: true }).waitFor();

    await extend(shelf.page);

    await selection(shelf.page).getByText('4 selected').waitFor();
    expect(await readTicked(shelf.page)).toEqual(names(2, 5));
  });

  test('upwards, after it went down, is the other way from the same row', async ({ expect }) => {
    await using shelf = await openShelf(8);
    await box(shelf.page, 'Video 4').click();
    await box(shelf.page, 'Video 6').click({ modifiers: ['Shift'] });
    await eventually(async () => expect(await readTicked(shelf.page)).toEqual(names(4, 6)));

    await box(shelf.page, 'Video 2').click({ modifiers: ['Shift'] });
    await eventually(async () => expect(await readTicked(shelf.page)).toEqual(names(2, 4)));
  });

  test('begins anew in another list, where the last tick is not', async ({ expect }) => {
    await using shelf = await openShelf(8);
    const { page } = shelf;
    await box(page, 'Video 7').click();
    await page.keyboard.press('/');
    await page.getByLabel('Search titles').fill('Video 2');
    await eventually(async () => expect(await readTitles(page)).toEqual(['Video 2']));

    await box(page, 'Video 2').click({ modifiers: ['Shift'] });
    await selection(page).getByText('2 selected').waitFor();
    await selection(page).getByText('1 not in view').waitFor();
  });
});

describe('what is loaded', () => {
  test('is ticked by the box in the bar, whose number says so, and which keeps the focus', async ({
    expect,
  }) => {
    await using shelf = await openShelf(130);
    const { page } = shelf;
    await page.getByRole('checkbox', { name: 'Select all that are loaded' }).focus();
    await page.keyboard.press('Space');

    await selection(page).getByText('100 selected').waitFor();
    await selection(page).getByRole('button', { name: 'Delete 100 videos' }).waitFor();
    await selection(page).getByRole('button', { name: 'Select all 130' }).waitFor();
    expect(await readFocus(page)).toBe('Clear the selection');

    await page.keyboard.press('Space');
    await page.getByText('130 videos').waitFor();
    await eventually(async () => expect(await readFocus(page)).toBe('Video 1'));
  });

  test('is ticked by Ctrl+A', async ({ expect }) => {
    await using shelf = await openShelf(130);
    await focusRow(shelf.page, 'Video 3');
    await shelf.page.keyboard.press('Control+a');

    await selection(shelf.page).getByText('100 selected').waitFor();
    expect(await readTicked(shelf.page)).toEqual(await readTitles(shelf.page));
  });

  test('of a list that has no more offers no more', async ({ expect }) => {
    await using shelf = await openShelf(3);
    await focusRow(shelf.page, 'Video 1');
    await shelf.page.keyboard.press('Control+a');

    await selection(shelf.page).getByText('3 selected').waitFor();
    expect(
      await selection(shelf.page)
        .getByRole('button', { name: /Select all/ })
        .count(),
    ).toBe(0);
  });
});

test('Escape clears nothing, wherever the focus is', async ({ expect }) => {
  await using shelf = await openShelf(5);
  const { page } = shelf;
  await box(page, 'Video 1').click();
  await box(page, 'Video 2').click();

  await page.keyboard.press('Escape');
  await focusRow(page, 'Video 4');
  await page.keyboard.press('Escape');
  await selection(page).getByRole('button', { name: 'Clear' }).focus();
  await page.keyboard.press('Escape');
  await page.keyboard.press('/');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');

  await selection(page).getByText('2 selected').waitFor();
  expect(await readTicked(page)).toEqual(['Video 1', 'Video 2']);
});

test('ticks survive scrolling, another order, another filter, and the other tab', async ({ expect }) => {
  await using shelf = await openShelf(330);
  const { app, page, idOf } = shelf;
  await box(page, 'Video 2').click();
  await scrollTo(page, 330);
  await box(page, 'Video 330').click();
  await selection(page).getByText('2 selected').waitFor();

  await page.keyboard.press('/');
  await page.getByLabel('Order').selectOption('oldest');
  await eventually(async () => expect((await readTitles(page))[0]).toBe('Video 330'));
  expect(await readTicked(page)).toEqual(['Video 330']);
  await page.getByLabel('Search titles').fill('Video 2');
  await eventually(async () => expect((await readTitles(page))[0]).toBe('Video 299'));
  await page.getByLabel('Search titles').fill('');
  await eventually(async () => expect((await readTitles(page))[0]).toBe('Video 330'));

  await page.getByRole('link', { name: 'Removed' }).click();
  await page.getByText('Nothing is removed').waitFor();
  expect(await selection(page).count()).toBe(0);
  await page.getByRole('link', { name: 'Videos' }).click();
  await eventually(async () => expect(await readTicked(page)).toEqual(['Video 2']));
  await selection(page).getByRole('button', { name: 'Delete 2 videos' }).click();

  await eventually(() =>
    expect(app.writes().toSorted()).toEqual(
      [`DELETE ${idOf('Video 2')}`, `DELETE ${idOf('Video 330')}`].toSorted(),
    ),
  );
});

test('of ticks that a filter hides the bar says how many, and exactly the ticked are deleted', async ({
  expect,
}) => {
  await using shelf = await openShelf(12);
  const { app, page, idOf } = shelf;
  await box(page, 'Video 3').click();
  await box(page, 'Video 4').click();
  await selection(page).getByRole('button', { name: 'Search and filter' }).click();
  expect(await readFocus(page)).toBe('Search titles');
  await page.keyboard.type('Video 1');
  await eventually(async () => expect(await readTitles(page)).toEqual(['Video 1', ...names(10, 12)]));
  await page.getByRole('button', { name: '2 selected' }).waitFor();

  await box(page, 'Video 11').click();
  await selection(page).getByText('3 selected').waitFor();
  await selection(page).getByText('2 not in view').waitFor();
  await selection(page).getByRole('button', { name: 'Delete 3 videos' }).click();

  const expected = ['Video 3', 'Video 4', 'Video 11'].map((title) => `DELETE ${idOf(title)}`);
  await eventually(() => expect(app.writes().toSorted()).toEqual(expected.toSorted()));
  await page.getByText('3 videos', { exact: true }).waitFor();
  expect(app.writes()).toHaveLength(3);
});

describe('a row', () => {
  test('opens its preview by a click or Enter while nothing is ticked, and is ticked by them otherwise', async ({
    expect,
  }) => {
    await using shelf = await openShelf(5);
    const { page } = shelf;
    const dialog = page.getByRole('dialog');

    await row(page, 'Video 2').locator('.when').click();
    await dialog.getByRole('heading', { name: 'Video 2' }).waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await eventually(async () => expect(await readFocus(page)).toBe('Video 2'));
    await page.keyboard.press('Enter');
    await dialog.getByRole('heading', { name: 'Video 2' }).waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });

    await box(page, 'Video 1').click();
    await row(page, 'Video 3').locator('.when').click();
    await eventually(async () => expect(await readTicked(page)).toEqual(['Video 1', 'Video 3']));
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await eventually(async () => expect(await readTicked(page)).toEqual(['Video 1', 'Video 3', 'Video 4']));
    expect(await dialog.count()).toBe(0);
  });

  test('has a menu for the keyboard, which gives the focus back to the row', async ({ expect }) => {
    await using shelf = await openShelf(5);
    const { page } = shelf;
    await focusRow(page, 'Video 2');
    await page.keyboard.press('ArrowLeft');
    expect(await readFocus(page)).toBe('Video 2');
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Preview' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('menu').waitFor({ state: 'detached' });
    await eventually(async () => expect(await readFocus(page)).toBe('Video 2'));
    await page.keyboard.press('ArrowDown');
    await eventually(async () => expect(await readFocus(page)).toBe('Video 3'));
  });

  test('is found by its first letters, and by Home, End and Page Down', async ({ expect }) => {
    const titles = ['Apple pie', 'Bread', 'Carrot cake', ...names(1, 40)];
    const { videos } = createVideos(titles.length);
    const at = Date.now();
    for (const [index, video] of videos.entries())
      Object.assign(video, { title: titles[index], createdAt: new Date(at - index * 60_000).toISOString() });
    await using app = await openWebApp(browser(), { env, videos });
    await row(app.page, 'Apple pie').waitFor();
    await focusRow(app.page, 'Apple pie');

    await app.page.keyboard.type('car');
    await eventually(async () => expect(await readFocus(app.page)).toBe('Carrot cake'));
    await app.page.keyboard.press('End');
    await eventually(async () => expect(await readFocus(app.page)).toBe('Video 40'));
    await app.page.keyboard.press('Home');
    await eventually(async () => expect(await readFocus(app.page)).toBe('Apple pie'));
    await app.page.keyboard.press('PageDown');
    await eventually(async () => expect(await readFocus(app.page)).toMatch(/^Video ([5-9]|1\d)$/));
  });
});
