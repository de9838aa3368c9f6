// What tests of deletions and restores do in the page, and answers that they give in place of the gateway.
import type { Browser, Locator, Page, Route } from 'playwright-core';
import { box } from './video-list.ts';
import { type LosingProxy, openWebApp, startLosingProxy, type WebAppOptions } from './web-app.ts';

/** What Chromium says of lost connections, and of answers that proxies give. */
export const LOST = /ERR_|Failed to load resource/;

/** What has failed. */
export const panel = (page: Page): Locator => page.locator('.failed');

/** The question before a permanent deletion: not the messages, which have the same role. */
export const question = (page: Page): Locator => page.locator('.dialog');

export const undo = (page: Page): Locator => page.locator('.toast').getByRole('button', { name: 'Undo' });

export async function pressDelete(page: Page, ...titles: readonly string[]): Promise<void> {
  for (const title of titles) await box(page, title).click();
  await page.getByRole('button', { name: `Delete ${titles.length} video` }).click();
}

/** Lets `answer` handle the requests for one operation; all others go on. @returns what ends that. */
export async function answerInstead(
  page: Page,
  operationName: string,
  answer: (route: Route) => Promise<unknown>,
): Promise<() => Promise<void>> {
  const handle = async (route: Route) => {
    if (route.request().postDataJSON()?.operationName === operationName) await answer(route);
    else await route.fallback();
  };
  await page.route('**/graphql', handle);
  return () => page.unroute('**/graphql', handle);
}

/** Nothing arrives at the gateway. */
export const cut = (route: Route): Promise<void> => route.abort('connectionreset');

type Results = { data: { [field: string]: { results: { [field: string]: unknown }[] } }; errors?: unknown };

/** Lets the gateway answer, and changes that. */
export const alter = (change: (answer: Results) => void) => async (route: Route) => {
  const response = await route.fetch();
  const json = await response.json();
  change(json);
  await route.fulfill({ response, json });
};

export const toFailure = (
  videoId: string | undefined,
  code: string,
  retryAfterSeconds: number | null = null,
) => ({
  __typename: 'VideoFailure',
  videoId,
  code,
  message: 'It failed.',
  retryable: true,
  retryAfterSeconds,
});

/** An answer to `deleteVideos` in which nothing has worked. */
export const toAnswer = (failures: readonly object[], userErrors: readonly object[] = []) => ({
  data: {
    deleteVideos: {
      __typename: 'DeleteVideosPayload',
      results: failures,
      operation: null,
      userErrors,
      summary: {
        __typename: 'BatchSummary',
        requested: failures.length,
        succeeded: 0,
        failed: failures.length,
        pending: 0,
        retryAfterSeconds: null,
      },
    },
  },
});

/** Opens the app with a proxy that can lose answers. */
export async function openLosing(browser: Browser, options: WebAppOptions) {
  let proxy: LosingProxy | undefined;
  const app = await openWebApp(browser, {
    allow: LOST,
    through: async (gatewayUrl) => {
      proxy = await startLosingProxy(gatewayUrl);
      return proxy;
    },
    ...options,
  });
  if (!proxy) throw new Error('The proxy starts before the page opens.');
  return { app, proxy };
}

/** Keeps all that is said in messages. */
export async function keepMessages(page: Page): Promise<() => Promise<string>> {
  await page.evaluate(`window.said = '';
    new MutationObserver(() => {
      said += [...document.querySelectorAll('.toast')].map((toast) => toast.textContent).join();
    }).observe(document.body, { childList: true, subtree: true })`);
  return async () => String(await page.evaluate('said'));
}
