// How long a first visit to the web app takes on a slow machine, from the address to the rows, beside a visit to GraphiQL.
import type { Browser } from 'playwright-core';
import { startBrowser } from '../support/browser.ts';
import { startUpstream } from './bench-upstream.ts';
import { startGateway } from './start-gateway.ts';
import { time } from './timing.ts';

export type WebAppResult = {
  /** Milliseconds until the first row is on the screen. */
  readonly rowsMs: number[];
  /** Milliseconds until the editor of GraphiQL is. */
  readonly editorMs: number[];
};

/** @param options - `slowdown`: how many times slower the browser computes than this machine. */
export async function benchWebApp(options: {
  readonly rounds: number;
  readonly slowdown: number;
}): Promise<WebAppResult> {
  const result: WebAppResult = { rowsMs: [], editorMs: [] };
  const upstream = await startUpstream({ count: 200, latencyMs: 20 });
  const gateway = await startGateway(upstream);
  const browser = await startBrowser();
  const visit = (path: string, selector: string) =>
    visitOnce(browser, gateway.origin + path, selector, options.slowdown);
  try {
    // The first visits make what the gateway then has in memory.
    for (let round = -1; round < options.rounds; round += 1) {
      const rowsMs = await visit('/', '.row .what');
      const editorMs = await visit('/graphql', '.graphiql-editor .view-lines');
      if (round < 0) continue;
      result.rowsMs.push(rowsMs);
      result.editorMs.push(editorMs);
    }
    return result;
  } finally {
    await browser.close();
    await gateway.stop();
    await upstream.stop();
  }
}

/** In a browser profile of its own, which has nothing in its cache. */
async function visitOnce(browser: Browser, url: string, selector: string, slowdown: number): Promise<number> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
    return await time(async () => {
      await page.goto(url, { waitUntil: 'commit' });
      await page.locator(selector).first().waitFor({ timeout: 120_000 });
    });
  } finally {
    await context.close();
  }
}
