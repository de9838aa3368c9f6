// Everything by the keyboard alone: these tests touch no pointer.
import type { Page } from 'playwright-core';
import { test } from 'vitest';
import { createRemovedVideos, createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { openWebApp, useBrowser } from '../support/web-app.ts';
import { row } from '../support/web-app-states.ts';

const browser = useBrowser();

/** What has the focus: its label, else its text. */
const FOCUSED = `{
  const { activeElement: focused } = document;
  focused === document.body ? 'nothing' : focused.getAttribute('aria-label') ?? focused.innerText;
}`;

/** Presses the key until what has the focus is called so. @throws after more presses than anybody would make. */
async function goTo(page: Page, name: RegExp, key = 'Tab'): Promise<void> {
  const seen: string[] = [];
  for (let press = 0; press < 15; press++) {
    const focused = String(await page.evaluate(FOCUSED));
    if (name.test(focused)) return;
    seen.push(focused);
    await page.keyboard.press(key);
  }
  throw new Error(`${key} does not lead to ${name}, but over: ${seen.join(' → ')}`);
}

async function press(page: Page, ...keys: readonly string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}

test('find three videos, tick them, delete them, take it back', async ({ expect }) => {
  const harbours = createVideos(4, { title: 'Harbour' });
  const others = createVideos(5);
  await using app = await openWebApp(browser(), { videos: [...others.videos, ...harbours.videos] });
  const { page, sandbox } = app;
  await row(page).waitFor();

  await goTo(page, /^Search titles$/);
  await page.keyboard.type('harb');
  await page.getByRole('status').getByText('4 videos').waitFor();
  await goTo(page, /^Harbour/);
  await press(page, 'Space', 'ArrowDown', 'Space', 'ArrowDown', 'Space', 'Delete');
  await page.getByText('3 videos moved to Removed').waitFor();
  const removed = harbours.ids.filter((id) => sandbox.state(id) === 'removed');
  expect(removed).toHaveLength(3);
  expect(await page.evaluate(FOCUSED)).not.toBe('nothing');

  await press(page, 'Control+z');
  await page.getByText('3 videos are back in Videos').waitFor();
  const ids = [...harbours.ids, ...others.ids];
  expect(ids.filter((id) => sandbox.state(id) !== 'live')).toEqual([]);
});

test('the Undo of a message can be reached, and pressed', async ({ expect }) => {
  const { videos, ids } = createVideos(3);
  await using app = await openWebApp(browser(), { videos });
  const { page, sandbox } = app;
  await row(page).waitFor();
  await goTo(page, /^Video \d/);
  await press(page, 'Delete');
  await page.getByText('1 video moved to Removed').waitFor();

  await goTo(page, /^Undo$/);
  await press(page, 'Enter');

  await page.getByText('1 video is back in Videos').waitFor();
  expect(ids.map((id) => sandbox.state(id))).toEqual(['live', 'live', 'live']);
  await eventually(async () => expect(await page.evaluate(FOCUSED)).not.toBe('nothing'));
});

test('restore everything that is removed', async ({ expect }) => {
  const { videos, ids } = createRemovedVideos(4);
  await using app = await openWebApp(browser(), { videos });
  const { page, sandbox } = app;
  await page.getByText('No videos yet').waitFor();

  await goTo(page, /^Removed$/);
  await press(page, 'Enter');
  await row(page).waitFor();
  await goTo(page, /^Select all that are loaded$/);
  await press(page, 'Space');
  await page.getByText('4 selected').waitFor();
  await goTo(page, /^Restore 4 videos$/);
  await press(page, 'Enter');

  await page.getByText('4 videos are back in Videos').waitFor();
  expect(ids.map((id) => sandbox.state(id))).toEqual(ids.map(() => 'live'));
  await eventually(async () => expect(await page.evaluate(FOCUSED)).not.toBe('nothing'));
});

test('delete permanently, where nothing can be restored', async ({ expect }) => {
  const { videos, ids } = createVideos(3);
  await using app = await openWebApp(browser(), { videos, videoRestore: false });
  const { page, sandbox } = app;
  await row(page).waitFor();
  await goTo(page, /^Video \d/);
  await press(page, 'Space', 'ArrowDown', 'Space', 'Delete');
  await page.getByRole('alertdialog').waitFor();

  // Whoever presses Enter without reading keeps the videos.
  expect(await page.evaluate(FOCUSED)).toMatch(/^Keep/);
  await press(page, 'Shift+Tab');
  await page.keyboard.type('delete 2');
  await press(page, 'Enter');

  await page.getByText('2 videos deleted permanently').waitFor();
  expect(ids.map((id) => sandbox.state(id)).toSorted()).toEqual(['absent', 'absent', 'live']);
  await eventually(async () => expect(await page.evaluate(FOCUSED)).toMatch(/^Video \d/));
});

test('open the menu and the preview of a row, and come back to the row', async ({ expect }) => {
  await using app = await openWebApp(browser(), { videos: createVideos(3).videos });
  const { page } = app;
  await row(page).waitFor();
  await goTo(page, /^Video \d/);
  await press(page, 'ArrowDown');
  const name = String(await page.evaluate(FOCUSED));

  await press(page, 'Enter');
  await page.locator('.facts').waitFor();
  await press(page, 'Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(await page.evaluate(FOCUSED)).toBe(name);

  await press(page, 'ArrowRight', 'ArrowRight', 'Enter');
  await page.getByRole('menu').waitFor();
  await eventually(async () => expect(await page.evaluate(FOCUSED)).toBe('Preview'));
  await press(page, 'Escape');
  await page.getByRole('menu').waitFor({ state: 'detached' });
  expect(await page.evaluate(FOCUSED)).toContain(name);
});
