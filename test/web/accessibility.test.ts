// Every state of the app, in every window and colour: axe finds nothing, something can be seen, nothing scrolls sideways, and
// everything can be hit with a finger.
import type { Page } from 'playwright-core';
import { test } from 'vitest';
import * as z from 'zod';
import { assertVisible, findBarriers, openWebApp, useBrowser } from '../support/web-app.ts';
import { STATES } from '../support/web-app-states.ts';

const browser = useBrowser();

const WINDOWS = [
  { colorScheme: 'light', width: 1280, height: 800 },
  { colorScheme: 'dark', width: 1280, height: 800 },
  { colorScheme: 'light', width: 360, height: 740 },
  { colorScheme: 'dark', width: 320, height: 640 },
] as const;

test.for(STATES)('$name', async ({ options, reach }, { expect }) => {
  await using app = await openWebApp(browser(), { ...options, env: { VIDEO_RESTORE: '', ...options?.env } });
  const { page } = app;
  await reach(app);

  for (const { colorScheme, ...viewport } of WINDOWS) {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme });
    await settle(page);

    const where = `${colorScheme}, ${viewport.width} px`;
    expect(await findBarriers(page), where).toEqual([]);
    await assertVisible(page);
    expect(await findSideways(page), where).toEqual([]);
    expect(await findSmallTargets(page), where).toEqual([]);
  }
});

const SETTLED = `new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(async () => {
  await Promise.all(document.getAnimations().map(({ finished }) => finished.catch(() => {})));
  resolve();
})))`;

/** The list lays its rows out in a frame of its own, and axe cannot judge colours that are on their way. */
const settle = (page: Page) => page.evaluate(SETTLED);

const LINES = z.array(z.string());

/** What is wider than its place: the page, and everything in it that scrolls. */
const SIDEWAYS = `[...document.querySelectorAll('html, body, body *')].filter((element) => {
  const isRoot = element === document.documentElement;
  const { overflowX } = getComputedStyle(element);
  const canScroll = isRoot || overflowX === 'auto' || overflowX === 'scroll';
  return canScroll && element.scrollWidth > element.clientWidth + 1;
}).map((element) => element.tagName + '.' + element.className)`;

async function findSideways(page: Page): Promise<string[]> {
  return LINES.parse(await page.evaluate(SIDEWAYS));
}

/** What can be pressed and is less than 24 px high or wide, and boxes of less than 44. Hidden inputs lie in their labels. */
const SMALL = `[...document.querySelectorAll('a, button, select, label, input:not([type=checkbox]), [role=menuitem]')]
  .filter((element) => element.checkVisibility() && !element.closest('[data-react-aria-prevent-focus], .hidden'))
  .map((element) => [element, element.getBoundingClientRect(), element.matches('.box') ? 44 : 24])
  .filter(([element, { width, height }, least]) => width > 1 && Math.min(width, height) < least - 0.5 && !isText(element))
  .map(([element, { width, height }]) => element.outerHTML.slice(0, 80) + ' ' + width + ' by ' + height)`;

/** The label of a field is a text beside it: the field is what is hit. */
const IS_TEXT = `const isText = (element) => element.tagName === 'LABEL' && !element.matches('.box');`;

async function findSmallTargets(page: Page): Promise<string[]> {
  return LINES.parse(await page.evaluate(`{ ${IS_TEXT} ${SMALL} }`));
}
