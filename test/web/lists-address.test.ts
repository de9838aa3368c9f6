// The address of a list: what it says is what is shown, whatever somebody has written there.
import { describe, test } from 'vitest';
import { createVideo } from '../../src/sandbox/server.ts';
import { createShelf } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { readFocus, readTitles } from '../support/video-list.ts';
import { openWebApp, useBrowser } from '../support/web-app.ts';

const browser = useBrowser();
const env = { VIDEO_RESTORE: 'on' };

const at = (minutes: number) => new Date(1_700_000_000_000 + minutes * 60_000).toISOString();
const shelf = () => [
  createVideo({ title: 'Cup final', tags: ['sports'], createdAt: at(3), updatedAt: at(1) }),
  createVideo({ title: 'Cup semi-final', tags: ['sports', 'cup'], createdAt: at(2), updatedAt: at(2) }),
  createVideo({ title: 'Apple pie', tags: ['cooking'], createdAt: at(1), updatedAt: at(3) }),
];

test('title, tag and order are in the address, and a reload, a link and Back show the same list', async ({
  expect,
}) => {
  await using app = await openWebApp(browser(), { env, videos: shelf() });
  const { page } = app;
  const show = (titles: readonly string[]) =>
    eventually(async () => expect(await readTitles(page)).toEqual(titles));

  await show(['Cup final', 'Cup semi-final', 'Apple pie']);
  await page.getByLabel('Order').selectOption('oldest');
  await show(['Apple pie', 'Cup semi-final', 'Cup final']);
  await page.getByLabel('Search titles').fill('Cup');
  await show(['Cup semi-final', 'Cup final']);
  await page.getByLabel('Tag').fill('cup');
  await show(['Cup semi-final']);
  const address = `${app.url}/?sort=oldest&title=Cup&tag=cup`;
  expect(page.url()).toBe(address);
  expect(app.lists().at(-1)).toMatch(/title=Cup.*tags\[\]=cup.*sortOrder=asc/);

  await page.reload();
  await show(['Cup semi-final']);
  const other = await app.openTab('/?sort=oldest&title=Cup&tag=cup');
  await eventually(async () => expect(await readTitles(other)).toEqual(['Cup semi-final']));
  expect(await other.getByLabel('Search titles').inputValue()).toBe('Cup');
  expect(await other.getByLabel('Order').inputValue()).toBe('oldest');

  await page.getByRole('link', { name: 'Removed' }).click();
  await page.getByText('Nothing is removed').waitFor();
  await page.goBack();
  await show(['Cup semi-final']);
  expect(page.url()).toBe(address);
});

test('typing replaces the entry in the history, and a tab adds one', async ({ expect }) => {
  await using app = await openWebApp(browser(), { env, videos: shelf() });
  const { page } = app;
  const countEntries = () => page.evaluate('history.length');
  const before = Number(await countEntries());

  await page.getByLabel('Search titles').fill('Cup');
  await eventually(() => expect(page.url()).toBe(`${app.url}/?title=Cup`));
  await page.getByLabel('Search titles').fill('Cup final');
  await eventually(() => expect(page.url()).toBe(`${app.url}/?title=Cup+final`));
  expect(await countEntries()).toBe(before);

  await page.getByRole('link', { name: 'Removed' }).click();
  expect(await countEntries()).toBe(before + 1);
});

test('typing reads the list once for a word, not for each letter', async ({ expect }) => {
  await using app = await openWebApp(browser(), { env, videos: shelf() });
  await app.page.getByText('Apple pie').waitFor();
  app.sandbox.clearRequests();

  // At once, so that a busy machine makes no pause between them.
  await app.page.evaluate(`(() => {
    document.querySelector('[data-search="title"]').focus();
    for (const letter of 'semi') document.execCommand('insertText', false, letter);
  })()`);
  await eventually(async () => expect(await readTitles(app.page)).toEqual(['Cup semi-final']));

  expect(app.lists().every((query) => query.includes('title=semi'))).toBe(true);
});

test('the key / leads to the search field; Escape there clears it, and then leads back to the list', async ({
  expect,
}) => {
  await using app = await openWebApp(browser(), { env, videos: shelf() });
  const { page } = app;
  await page.getByText('Apple pie').waitFor();
  await page.keyboard.press('/');
  expect(await readFocus(page)).toBe('Search titles');

  await page.keyboard.type('a/b');
  expect(await page.getByLabel('Search titles').inputValue()).toBe('a/b');
  await page.getByText('No video matches').waitFor();
  await page.keyboard.press('Escape');
  expect(await page.getByLabel('Search titles').inputValue()).toBe('');
  await page.getByText('Apple pie').waitFor();
  expect(new URL(page.url()).search).toBe('');

  await page.keyboard.press('Escape');
  await eventually(async () => expect(await readFocus(page)).toBe('Cup final'));
  await page.keyboard.press('/');
  expect(await readFocus(page)).toBe('Search titles');
});

test('the key / stays in a menu and in a dialog', async ({ expect }) => {
  await using app = await openWebApp(browser(), { env, videos: shelf() });
  await app.page.getByRole('button', { name: 'Actions for Apple pie' }).click();
  await app.page.getByRole('menuitem', { name: 'Copy id' }).waitFor();

  await app.page.keyboard.press('/');

  expect(await app.page.evaluate(`document.activeElement.closest('[role=menu]') !== null`)).toBe(true);
});

describe('an odd address', () => {
  test.for<readonly [string, string, readonly string[]]>([
    ['an order that there is none of', '?sort=nonsense', ['Cup final', 'Cup semi-final', 'Apple pie']],
    ['an order of the other list', '?sort=soonest', ['Cup final', 'Cup semi-final', 'Apple pie']],
    ['nothing but blanks', '?title=+%20%E3%80%80&tag=%09', ['Cup final', 'Cup semi-final', 'Apple pie']],
    ['blanks and invisible signs around it', '?title=%E2%80%8B+pie%C2%A0%E2%81%A0', ['Apple pie']],
    ['a control character', '?title=pie%00', ['Apple pie']],
    ['a percent sign that encodes nothing', '?title=Apple%ZZ&title=Cup', []],
    ['an encoded percent sign', '?title=%2541pple', []],
    ['half of a surrogate pair', '?title=%ED%A0%80', []],
    ['parameters given twice', '?title=Apple&title=Cup', ['Apple pie']],
    ['5,000 letters', `?title=${'x'.repeat(5_000)}`, []],
  ])('with %s', async ([, query, titles], { expect }) => {
    await using app = await openWebApp(browser(), { env, videos: shelf(), path: `/${query}` });

    if (titles.length === 0) await app.page.getByText('No video matches').waitFor();
    else await eventually(async () => expect(await readTitles(app.page)).toEqual(titles));
    expect(await app.page.getByLabel('Order').inputValue()).toBe('newest');
  });

  test('with more than api.video takes says so, and shows all on request', async ({ expect }) => {
    const path = `/?title=${encodeURIComponent('ä'.repeat(1_001))}`;
    await using app = await openWebApp(browser(), { env, videos: shelf(), path });

    await app.page.getByText('The list could not be read').waitFor();
    expect(await app.page.locator('.empty p').innerText()).toMatch(/at most 6000 characters/);
    await app.page.getByRole('button', { name: 'Show all' }).click();
    await app.page.getByText('Apple pie').waitFor();
  });

  test.for(['0', '%', '__*'])('with %s alone asks for more of the title', async (title, { expect }) => {
    const path = `/?title=${encodeURIComponent(title)}`;
    await using app = await openWebApp(browser(), { env, videos: shelf(), path });

    await app.page.getByText('Type more of the title').waitFor();
    expect(app.lists()).toEqual([]);
  });

  test('of half a surrogate pair, typed into the field, finds nothing and breaks nothing', async () => {
    await using app = await openWebApp(browser(), { env, videos: shelf() });
    await app.page.getByText('Apple pie').waitFor();

    await app.page.evaluate(
      `document.querySelector('[data-search="title"]').focus(); document.execCommand('insertText', false, 'a\\ud800')`,
    );

    await app.page.getByText('No video matches').waitFor();
  });
});

test('each list knows its own orders', async ({ expect }) => {
  const day = 86_400_000;
  const removed = (title: string, daysAgo: number) =>
    createVideo({
      title,
      removedAt: new Date(Date.now() - daysAgo * day).toISOString(),
      deletesAt: new Date(Date.now() + (90 - daysAgo) * day).toISOString(),
    });
  const videos = [removed('B', 2), removed('C', 3), removed('A', 1)];
  await using app = await openWebApp(browser(), { env, videos, path: '/removed' });
  const show = (titles: readonly string[]) =>
    eventually(async () => expect(await readTitles(app.page)).toEqual(titles));

  await show(['C', 'B', 'A']);
  await app.page.getByLabel('Order').selectOption('latest');
  await show(['A', 'B', 'C']);
  await app.page.getByLabel('Order').selectOption('title');
  await show(['A', 'B', 'C']);
  expect(app.page.url()).toBe(`${app.url}/removed?sort=title`);
});

test('the list of a link is narrowed from the first read on', async ({ expect }) => {
  await using app = await openWebApp(browser(), { env, videos: createShelf(3), path: '/?title=Video+2' });
  await eventually(async () => expect(await readTitles(app.page)).toEqual(['Video 2']));

  expect(app.lists().every((query) => query.includes('title=Video+2'))).toBe(true);
});
