// What tests of the web app's lists do with one, and read from it.
import type { Locator, Page, Request } from 'playwright-core';
import * as z from 'zod';

/** The titles that can be seen, in order. */
export const readTitles = (page: Page): Promise<string[]> =>
  page.locator('.row .what strong').allInnerTexts();

export const row = (page: Page, title: string): Locator =>
  page.locator('.row').filter({ has: page.getByText(title, { exact: true }) });

export const box = (page: Page, title: string): Locator => row(page, title).locator('.box');

/** The titles in sight that are ticked. */
export const readTicked = (page: Page): Promise<string[]> =>
  page.locator('.row[data-selected] .what strong').allInnerTexts();

export const selection = (page: Page): Locator => page.getByRole('toolbar', { name: 'Selection' });

/** Where the focus is: the title of a row, else what the element is called. */
export async function readFocus(page: Page): Promise<string> {
  return z.string().parse(
    await page.evaluate(`(() => {
      const at = document.activeElement;
      const title = at?.closest('.row')?.querySelector('.what strong')?.textContent;
      return title ?? at?.getAttribute('aria-label') ?? at?.tagName ?? '';
    })()`),
  );
}

/** Scrolls on, each time to the last row that is there, until so many rows are loaded. */
export async function scrollTo(page: Page, rows: number): Promise<void> {
  await page.evaluate(`new Promise((resolve) => {
    const list = document.querySelector('.list');
    const rowHeight = document.querySelector('.row').offsetHeight;
    const scroll = () => {
      list.scrollTop = list.scrollHeight;
      if (list.scrollHeight >= ${rows} * rowHeight) resolve();
      else setTimeout(scroll, 10);
    };
    scroll();
  })`);
}

/** The titles of all rows that are loaded, in order, as they are seen while scrolling. */
export async function readAllTitles(page: Page): Promise<string[]> {
  return z.array(z.string()).parse(
    await page.evaluate(`(async () => {
      const list = document.querySelector('.list');
      const seen = new Map();
      const drawn = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      for (let top = 0; top <= list.scrollHeight; top += list.clientHeight / 2) {
        list.scrollTop = top;
        await drawn();
        for (const row of list.querySelectorAll('.row')) {
          const at = Number(row.getAttribute('aria-rowindex'));
          seen.set(at, row.querySelector('.what strong').textContent);
        }
      }
      return [...seen].sort(([a], [b]) => a - b).map(([, title]) => title);
    })()`),
  );
}

const BODY = z.object({
  operationName: z.string(),
  variables: z.object({
    after: z.string().nullish(),
    ids: z.array(z.string()).optional(),
    filter: z.unknown().optional(),
    options: z.unknown().optional(),
  }),
});

export type Sent = { readonly name: string } & z.infer<typeof BODY>['variables'];

/** What the page sends to the gateway from now on, in order, without what it reads in its idle time. */
export function watchSent(page: Page): readonly Sent[] {
  const sent: Sent[] = [];
  page.on('request', (request: Request) => {
    const body = request.url().endsWith('/graphql') ? BODY.safeParse(request.postDataJSON()) : undefined;
    if (body?.success && body.data.operationName !== 'Operations')
      sent.push({ name: body.data.operationName, ...body.data.variables });
  });
  return sent;
}

/** Holds back what the page sends for operations of this name. @returns what lets them go, and all after them. */
export async function holdBack(page: Page, name: string): Promise<() => void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  await page.route('**/graphql', async (route) => {
    if (route.request().postDataJSON()?.operationName === name) await promise;
    await route.continue();
  });
  return resolve;
}
