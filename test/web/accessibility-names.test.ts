// What a screen reader gets: landmarks, names, states, and announcements of what changes.
import type { Page } from 'playwright-core';
import { test } from 'vitest';
import { createVideo } from '../../src/sandbox/server.ts';
import { eventually } from '../support/eventually.ts';
import { createRemoved } from '../support/strange-videos.ts';
import { openWebApp, useBrowser } from '../support/web-app.ts';
import { row, tick } from '../support/web-app-states.ts';

const browser = useBrowser();

const at = (day: number) => `2026-03-0${day}T00:00:00Z`;
const VIDEOS = [
  createVideo({ title: 'The harbour', createdAt: at(2), tags: ['sea'], public: false }),
  createVideo({ title: 'The market', createdAt: at(1), tags: [] }),
];

/** The accessibility tree below the element, an element a line. */
const readTree = (page: Page, selector = 'body') => page.locator(selector).ariaSnapshot();

/** Keeps what is put into live regions, as they are emptied again. */
const LISTEN = `window.heard = [];
  const LOUD = '[role=alert], [role=alertdialog]';
  new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes) {
      const element = target instanceof Element ? target : target.parentElement;
      const region = element?.closest('[aria-live], [role=status], [role=alert], [role=log], [role=alertdialog]');
      if (region) heard.push(...[...addedNodes].map(({ textContent }) => textContent), element.textContent);
      for (const node of addedNodes)
        if (node instanceof Element && (node.matches(LOUD) || node.querySelector(LOUD))) heard.push(node.textContent);
    }
  }).observe(document, { childList: true, subtree: true, characterData: true });`;

const hears = (page: Page, text: string) =>
  page.evaluate(`heard.some((each) => each.includes(${JSON.stringify(text)}))`);

test('the page has its landmarks, a heading, and a list whose rows have names', async ({ expect }) => {
  await using app = await openWebApp(browser(), { videos: VIDEOS });
  await row(app.page).waitFor();
  const tree = await readTree(app.page);

  for (const line of [
    '- banner:',
    '- navigation "Lists":',
    '- link "Videos":',
    '- main:',
    '- heading "Videos" [level=1]',
    '- search:',
    '- checkbox "Select all that are loaded"',
    '- searchbox "Search titles"',
    '- searchbox "Tag"',
    '- combobox "Order":',
    '- status: 2 videos',
    '- grid "Videos":',
    '- row "The harbour":',
    '- checkbox "Select The harbour"',
    '- text: Private sea Mar 2, 2026',
    '- button "Actions for The harbour"',
    '- row "The market":',
  ])
    expect(tree).toContain(line);
  expect(await app.page.title()).toBe('Videos · Video gateway');
  expect(await app.page.getByRole('link', { name: 'Videos' }).getAttribute('aria-current')).toBe('page');
});

test('ticked rows say so, and their number is announced', async ({ expect }) => {
  await using app = await openWebApp(browser(), {
    videos: VIDEOS,
    prepare: (_context, page) => page.addInitScript(LISTEN),
  });
  const { page } = app;
  await row(page).waitFor();
  await tick(page, 0, 1);
  await page.getByText('2 selected').waitFor();

  const tree = await readTree(page, 'main');
  expect(tree).toContain('- toolbar "Selection":');
  expect(tree).toContain('- row "The harbour" [selected]:');
  expect(tree).toContain('- checkbox "Select The market" [checked]');
  expect(tree).toContain('- checkbox "Clear the selection" [checked]');
  await eventually(async () => expect(await hears(page, '2 items selected')).toBe(true));
});

test('a deletion is announced when it is on its way and when it is done', async ({ expect }) => {
  await using app = await openWebApp(browser(), {
    videos: VIDEOS,
    prepare: (_context, page) => page.addInitScript(LISTEN),
  });
  const { page } = app;
  await row(page).waitFor();
  await tick(page, 0);
  await page.getByRole('button', { name: 'Delete 1 video' }).click();
  await page.getByText('1 video moved to Removed').waitFor();

  expect(await hears(page, 'Deleting…')).toBe(true);
  expect(await hears(page, '1 video moved to Removed')).toBe(true);
  expect(await readTree(page, '.toasts')).toContain('- alertdialog "1 video moved to Removed":');
});

test('the number of matches is announced', async ({ expect }) => {
  await using app = await openWebApp(browser(), {
    videos: VIDEOS,
    prepare: (_context, page) => page.addInitScript(LISTEN),
  });
  const { page } = app;
  await row(page).waitFor();
  await page.getByRole('searchbox', { name: 'Search titles' }).fill('harbour');

  await eventually(async () => expect(await hears(page, '1 video')).toBe(true));
});

test('a failure is announced', async ({ expect }) => {
  await using app = await openWebApp(browser(), {
    videos: VIDEOS,
    prepare: (_context, page) => page.addInitScript(LISTEN),
  });
  const { page, sandbox } = app;
  await row(page).waitFor();
  await tick(page, 0);
  for (const { videoId } of VIDEOS) sandbox.destroy(videoId);
  await page.getByRole('button', { name: 'Delete 1 video' }).click();
  await page.locator('.failed').waitFor();

  expect(await hears(page, '1 video could not be deleted')).toBe(true);
});

test('dialogs and menus have names', async ({ expect }) => {
  await using app = await openWebApp(browser(), { videos: VIDEOS });
  const { page } = app;
  await page.getByRole('button', { name: 'Actions for The harbour' }).click();
  await page.getByRole('menu', { name: 'Actions for The harbour' }).waitFor();
  await page.getByRole('menuitem', { name: 'Preview' }).click();

  await page.locator('.facts').waitFor();
  const tree = await readTree(page, '.dialog');
  for (const line of [
    '- dialog "The harbour":',
    '- heading "The harbour" [level=2]',
    '- button "Close"',
    '- iframe',
    '- list "Tags":',
    '- term: Visibility',
    '- definition: Private',
    '- button "Copy the id": Copy',
    '- button "Delete"',
  ])
    expect(tree).toContain(line);
  // What lies behind it is hidden from screen readers as well.
  expect(
    await page.evaluate("document.querySelector('#root').closest('[inert], [aria-hidden=true]') !== null"),
  ).toBe(true);
});

test('in Removed, heading and title say where one is', async ({ expect }) => {
  await using app = await openWebApp(browser(), { videos: [createRemoved(3.5)], path: '/removed' });
  await row(app.page).waitFor();

  expect(await readTree(app.page)).toContain('- heading "Removed" [level=1]');
  expect(await app.page.title()).toBe('Removed · Video gateway');
});
