// What the app looks like to people who set their system otherwise: forced colours, less motion, and a focus that must be seen.
import type { Page } from 'playwright-core';
import { describe, test } from 'vitest';
import { createVideos } from '../support/create-videos.ts';
import { openWebApp, useBrowser } from '../support/web-app.ts';
import { row, tick } from '../support/web-app-states.ts';

const browser = useBrowser();

test('forced colours tell ticked boxes from others, by shape and by colour', async ({ expect }) => {
  await using app = await openWebApp(browser(), {
    videos: createVideos(3).videos,
    context: { forcedColors: 'active' },
  });
  const { page } = app;
  await row(page).waitFor();
  await tick(page, 1);
  await page.mouse.move(0, 0);

  const boxes = await page.evaluate(`[...document.querySelectorAll('.row .box')].map((box) => [
    getComputedStyle(box.querySelector('.icon')).visibility,
    getComputedStyle(box.querySelector('span:last-child')).backgroundColor,
  ].join(' '))`);
  expect(boxes).toEqual([
    expect.stringMatching(/^hidden rgb/),
    expect.stringMatching(/^visible rgb/),
    expect.stringMatching(/^hidden rgb/),
  ]);
  const pictures = await Promise.all(
    [0, 1, 2].map((index) => page.locator('.row .box > span:last-child').nth(index).screenshot()),
  );
  expect(pictures[0]?.equals(pictures[2] ?? Buffer.of())).toBe(true);
  expect(pictures[0]?.equals(pictures[1] ?? Buffer.of())).toBe(false);
});

describe('motion', () => {
  /** Notes what takes time, as a change that does not is no motion. */
  const WATCH = `window.moved = new Set();
    const note = ({ target }) => target.getAnimations({ subtree: true })
      .filter(({ effect }) => effect.getComputedTiming().duration > 0)
      .forEach(({ animationName, transitionProperty }) => moved.add(animationName ?? transitionProperty));
    addEventListener('animationstart', note, true);
    addEventListener('transitionrun', note, true);`;

  async function readMotion(reducedMotion: 'reduce' | 'no-preference') {
    await using app = await openWebApp(browser(), {
      videos: createVideos(3).videos,
      context: { reducedMotion },
      prepare: (_context, page) => page.addInitScript(WATCH),
    });
    const { page } = app;
    await row(page).click();
    await page.locator('.facts').waitFor();
    await page.keyboard.press('Escape');
    await page
      .getByRole('button', { name: /^Actions for/ })
      .first()
      .click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.locator('.toast').waitFor();
    return page.evaluate('[...moved].sort()');
  }

  test('is there by default', async ({ expect }) => {
    expect(await readMotion('no-preference')).toEqual(expect.arrayContaining(['rise', 'settle']));
  });

  test('is not there for those who asked for less', async ({ expect }) => {
    const still: unknown[] = [];
    expect(await readMotion('reduce')).toEqual(still);
  });
});

describe('the focus can be seen', () => {
  /** Whether the element with the focus, or what stands for it, has a ring. */
  const HAS_RING = `{
    const focused = document.activeElement;
    const shown = [
      [focused], [focused, '::before'], [focused.closest('.field')], [focused.closest('.box')?.querySelector('span:last-child')],
    ].filter(([element]) => element);
    const rings = shown.map(([element, part]) => getComputedStyle(element, part))
      .filter(({ outlineStyle, outlineWidth }) => outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2);
    [focused.tagName + ' ' + (focused.getAttribute('aria-label') ?? focused.innerText ?? ''), rings.length > 0];
  }`;

  async function walk(page: Page, keys: readonly string[]) {
    const seen: unknown[] = [];
    for (const key of keys) {
      await page.keyboard.press(key);
      seen.push(await page.evaluate(HAS_RING));
    }
    return seen;
  }

  test('on everything that the Tab and arrow keys reach', async ({ expect }) => {
    await using app = await openWebApp(browser(), { videos: createVideos(3).videos });
    const { page } = app;
    await row(page).waitFor();

    const tabs = await walk(page, ['Tab', 'Tab', 'Tab', 'Tab', 'Tab', 'Tab', 'Tab', 'Tab']);
    expect(tabs).toHaveLength(8);
    expect(tabs).toEqual(tabs.map((each) => [Array.isArray(each) && each[0], true]));
    expect(tabs.at(-1)).toEqual([expect.stringMatching(/^DIV Video \d$/), true]);

    const inRow = await walk(page, ['ArrowDown', 'ArrowRight', 'ArrowRight']);
    expect(inRow).toEqual([
      [expect.stringMatching(/^DIV Video/), true],
      [expect.stringMatching(/^INPUT/), true],
      [expect.stringMatching(/^BUTTON Actions for/), true],
    ]);
  });
});
