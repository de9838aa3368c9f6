// What rows look like: lines of titles, alignment, directions of writing, large text, and pictures that do not come.
import type { Page } from 'playwright-core';
import { describe, test } from 'vitest';
import * as z from 'zod';
import { createVideo } from '../../src/sandbox/server.ts';
import { createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { STRANGE_VIDEOS } from '../support/strange-videos.ts';
import { openWebApp, useBrowser } from '../support/web-app.ts';
import { row, tick } from '../support/web-app-states.ts';

const browser = useBrowser();

const NARROW = { width: 360, height: 740 };
const BOX = z.object({ left: z.number(), right: z.number(), top: z.number(), bottom: z.number() });

async function readBox(page: Page, selector: string): Promise<z.infer<typeof BOX>> {
  const script = `document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect().toJSON()`;
  return BOX.parse(await page.evaluate(script));
}

/** How many lines the title has, and whether a part of it is cut off. */
const readTitle = (page: Page, id: string) =>
  page.evaluate(`{
    const title = document.querySelector('[data-key=${id}] strong');
    const height = parseFloat(getComputedStyle(title).lineHeight);
    const isCut = title.scrollWidth > title.clientWidth || title.scrollHeight > title.clientHeight + 1;
    ({ lines: Math.round(title.clientHeight / height), isCut });
  }`);

test.for([
  [1280, { lines: 1, isCut: true }],
  [360, { lines: 2, isCut: true }],
] as const)(
  'at %s px long titles have their lines, with or without blanks',
  async ([width, title], { expect }) => {
    await using app = await openWebApp(browser(), {
      videos: STRANGE_VIDEOS,
      context: { viewport: { width, height: 900 } },
    });
    await row(app.page).waitFor();

    expect(await readTitle(app.page, 'viLong')).toEqual(title);
    expect(await readTitle(app.page, 'viWithoutBlanks')).toEqual(title);
    expect(await readTitle(app.page, 'viPrivate')).toEqual({ lines: 1, isCut: false });
  },
);

test('a video without a title is called by its id', async ({ expect }) => {
  await using app = await openWebApp(browser(), { videos: STRANGE_VIDEOS });

  expect(await app.page.locator('[data-key=viUntitled] strong').innerText()).toBe('viUntitled');
  expect(await app.page.getByRole('row', { name: 'viUntitled', exact: true }).count()).toBe(1);
});

test('a picture that does not come leaves a film strip', async ({ expect }) => {
  await using app = await openWebApp(browser(), {
    videos: [createVideo()],
    allow: /ERR_FAILED/,
    prepare: (_context, page) => page.route('**/thumbnail.svg', (route) => route.abort()),
  });
  await app.page.locator('.thumb .icon').waitFor();

  expect(await app.page.locator('.thumb img').count()).toBe(0);
});

describe('edges', () => {
  test.for([1280, 768, 360, 320])('of bar and rows are in line at %s px', async (width, { expect }) => {
    await using app = await openWebApp(browser(), {
      videos: createVideos(30).videos,
      context: { viewport: { width, height: 700 } },
    });
    const { page } = app;
    await row(page).waitFor();

    const [bar, rows] = [
      await readBox(page, '.bar .box > span:last-child'),
      await readBox(page, '.row .box > span:last-child'),
    ];
    expect(rows.left).toBeCloseTo(bar.left, 0);
    expect((await readBox(page, '.brand svg')).left).toBeCloseTo(bar.left, 0);
  });

  test('the bar keeps its height when something is ticked, so that no row moves', async ({ expect }) => {
    for (const width of [1280, 360]) {
      await using app = await openWebApp(browser(), {
        videos: createVideos(5).videos,
        context: { viewport: { width, height: 700 } },
      });
      await row(app.page).waitFor();
      const before = await readBox(app.page, '.row');
      await tick(app.page, 0);
      await app.page.getByRole('toolbar').waitFor();

      expect(await readBox(app.page, '.row')).toEqual(before);
    }
  });

  test('of the button that deletes is the end of the bar', async ({ expect }) => {
    await using app = await openWebApp(browser(), { videos: createVideos(5).videos });
    await row(app.page).waitFor();
    await tick(app.page, 0);

    const button = await readBox(app.page, '.bar .button');
    expect(button.right).toBeGreaterThan((await readBox(app.page, '.row .icon-button')).left);
  });
});

describe('writing from right to left', () => {
  const turn = (page: Page) => page.evaluate("document.documentElement.dir = 'rtl'");

  test('mirrors the page', async ({ expect }) => {
    await using app = await openWebApp(browser(), { videos: createVideos(3).videos });
    const { page } = app;
    await row(page).waitFor();
    const places = [
      '.brand svg',
      '.row .box > span:last-child',
      '.row .thumb',
      '.row .icon-button',
      '.count',
    ];
    const before = await Promise.all(places.map((place) => readBox(page, place)));
    await turn(page);

    for (const [index, place] of places.entries()) {
      const { left, right } = await readBox(page, place);
      const mirrored = { left: 1280 - right, right: 1280 - left };
      expect(mirrored.left, place).toBeCloseTo(before[index]?.left ?? 0, -1);
      expect(mirrored.right, place).toBeCloseTo(before[index]?.right ?? 0, -1);
    }
  });

  test('titles of either direction begin at the same edge', async ({ expect }) => {
    await using app = await openWebApp(browser(), { videos: STRANGE_VIDEOS });
    const { page } = app;
    await row(page).waitFor();
    const readAlign = () =>
      page.evaluate(`['viHebrew', 'viPrivate'].map((id) => {
        const range = document.createRange();
        range.selectNodeContents(document.querySelector('[data-key=' + id + '] strong'));
        const { left, right } = range.getBoundingClientRect();
        return Math.round(document.documentElement.dir === 'rtl' ? right : left);
      })`);

    const [hebrew, english] = z.array(z.number()).parse(await readAlign());
    expect(hebrew).toBe(english);
    await turn(page);
    const [turned, other] = z.array(z.number()).parse(await readAlign());
    expect(turned).toBe(other);
  });
});

test('twice as large a text does not run over the rows', async ({ expect }) => {
  await using app = await openWebApp(browser(), {
    videos: STRANGE_VIDEOS,
    prepare: (_context, page) =>
      // As the browser's setting does: before the app measures it.
      page.addInitScript(
        "addEventListener('readystatechange', () => (document.documentElement.style.fontSize = '200%'), true)",
      ),
  });
  const { page } = app;
  for (const viewport of [{ width: 1280, height: 900 }, NARROW]) {
    await page.setViewportSize(viewport);
    await row(page).waitFor();
    await eventually(async () =>
      expect(
        await page.evaluate(`[...document.querySelectorAll('.row')].filter((row) => {
          const { top, bottom } = row.getBoundingClientRect();
          return [...row.querySelectorAll('strong, small, .when')].some((part) => {
            const box = part.getBoundingClientRect();
            return box.top < top || box.bottom > bottom;
          });
        }).map((row) => row.innerText)`),
      ).toEqual([]),
    );
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  }
  expect(await page.evaluate("getComputedStyle(document.querySelector('.row strong')).fontSize")).toBe(
    '30px',
  );
});
