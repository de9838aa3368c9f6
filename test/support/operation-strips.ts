// What the tests of the web app's operations do in the page, and count.

import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import * as z from 'zod';
import { eventually } from './eventually.ts';

const BODY = z.object({ operationName: z.string() });

/** The names of the GraphQL operations that a page has sent since, in order. */
export function recordCalls(page: Page): string[] {
  const names: string[] = [];
  page.on('request', (request) => {
    const body = BODY.safeParse(request.postDataJSON());
    if (body.success) names.push(body.data.operationName);
  });
  return names;
}

/** Ticks what is loaded, and deletes it. */
export async function deleteAll(page: Page, count: number): Promise<void> {
  await page.getByRole('row').first().waitFor();
  await page.locator('.bar .box').first().click();
  await page.getByRole('button', { name: `Delete ${count} videos` }).click();
}

/** Waits until one of the strips has this text. */
export async function waitForStrip(page: Page, text: RegExp): Promise<string> {
  return eventually(async () => {
    const texts = await readStrips(page);
    const found = texts.find((each) => text.test(each));
    expect(found, texts.join('\n')).toBeDefined();
    return String(found);
  });
}

/** Each in one line. */
export async function readStrips(page: Page): Promise<readonly string[]> {
  const texts = await page.locator('.strip').allInnerTexts();
  return texts.map((text) => text.replaceAll(/\s+/g, ' '));
}

/** Says to the page that it is hidden, or visible again, as a browser does when another tab is shown. */
export async function setVisible(page: Page, isVisible: boolean): Promise<void> {
  const state = isVisible ? 'visible' : 'hidden';
  await page.evaluate(`Object.defineProperty(document, 'visibilityState', { value: '${state}', configurable: true });
    document.dispatchEvent(new Event('visibilitychange'))`);
}
