// Removed: how long each video is kept, and that it cannot be played.
import type { Page } from 'playwright-core';
import { describe, test } from 'vitest';
import { daysLeft } from '../../web/words.ts';
import { createRemoved } from '../support/strange-videos.ts';
import { openWebApp, useBrowser } from '../support/web-app.ts';
import { row } from '../support/web-app-states.ts';

const browser = useBrowser();

const DAY_MS = 86_400_000;

describe('the days left', () => {
  const now = Date.parse('2026-06-01T12:00:00Z');

  test.for([
    [90, '90 days left', false],
    [7.999, '7 days left', false],
    [7, '7 days left', false],
    [6.999, '6 days left', true],
    [2, '2 days left', true],
    [1.999, '1 day left', true],
    [1, '1 day left', true],
    [0.999, 'Less than a day left', true],
    [0, 'Less than a day left', true],
    [-0.001, 'Being destroyed', true],
    [-30, 'Being destroyed', true],
  ] as const)('%s days are "%s"', ([days, text, isSoon], { expect }) => {
    expect(daysLeft(new Date(now + days * DAY_MS).toISOString(), now)).toEqual({ text, isSoon });
  });

  test('are not made up if api.video does not say when', ({ expect }) => {
    expect(daysLeft(null, now)).toEqual({ text: '', isSoon: false });
  });
});

const readDays = (page: Page) => page.locator('.row .when').allInnerTexts();

/** The colour behind the days of each row. */
const readGrounds = (page: Page) =>
  page.evaluate(
    "[...document.querySelectorAll('.row .left')].map((left) => getComputedStyle(left).backgroundColor)",
  );

test('stand in the rows, soonest first, in amber below seven, with the day', async ({ expect }) => {
  const videos = [createRemoved(40.5), createRemoved(6.5), createRemoved(0.5), createRemoved(7.5)];
  await using app = await openWebApp(browser(), { videos, path: '/removed' });
  const { page } = app;
  await row(page, 3).waitFor();

  expect(await readDays(page)).toEqual([
    'Less than a day left',
    '6 days left',
    '7 days left',
    '40 days left',
  ]);
  const [amber, grey] = ['rgb(255, 244, 214)', 'rgb(244, 245, 247)'];
  expect(await readGrounds(page)).toEqual([amber, amber, grey, grey]);
  const day = new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeZone: 'UTC' });
  expect(await page.locator('.row .left').last().getAttribute('title')).toBe(
    `Destroyed on ${day.format(new Date(videos[0]?.deletesAt ?? ''))}`,
  );
});

test('are part of the name that a screen reader gives the row', async ({ expect }) => {
  await using app = await openWebApp(browser(), { videos: [createRemoved(6.5)], path: '/removed' });
  await row(app.page).waitFor();

  expect(
    await app.page.getByRole('row', { name: 'Kept for 6.5 days, 6 days left', exact: true }).count(),
  ).toBe(1);
});

test('a removed video has no picture and no Play, and the page says why', async ({ expect }) => {
  await using app = await openWebApp(browser(), { videos: [createRemoved(40.5)], path: '/removed' });
  const { page } = app;
  await row(page).waitFor();

  expect(await page.locator('.row :is(img, .thumb)').count()).toBe(0);
  await page.getByText('Removed videos cannot be played.').waitFor();
  await page.getByRole('button', { name: /^Actions for/ }).click();
  await page.getByRole('menu').waitFor();
  expect(await page.getByRole('menuitem').allInnerTexts()).toEqual(['Details', 'Copy id', 'Restore']);
});
