import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { listen } from '../support/listen.ts';
import { assertVisible, type Between, findBarriers, openWebApp, useBrowser } from '../support/web-app.ts';

const browser = useBrowser();

type Answer = { readonly status: number; readonly headers?: Record<string, string>; readonly body: string };

/** Passes everything on, but for the requests that `refuse` answers by their body. */
async function startRefusing(
  gatewayUrl: string,
  refuse: (body: string) => Answer | undefined,
): Promise<Between> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const refusal = refuse(body.toString());
    if (refusal) {
      response.writeHead(refusal.status, refusal.headers).end(refusal.body);
      return;
    }
    const headers = new Headers();
    for (const [name, value] of Object.entries(request.headers))
      if (typeof value === 'string' && !['connection', 'host', 'accept-encoding'].includes(name))
        headers.set(name, value);
    const passed = await fetch(gatewayUrl + request.url, {
      method: request.method ?? 'GET',
      headers,
      ...(body.length > 0 && { body }),
    });
    // What they say of the body is no longer so once `fetch` has unpacked it.
    const outdated = ['content-encoding', 'content-length', 'transfer-encoding'];
    const answered = Object.fromEntries([...passed.headers].filter(([name]) => !outdated.includes(name)));
    response.writeHead(passed.status, answered).end(Buffer.from(await passed.arrayBuffer()));
  });
  const { port, ...listening } = await listen(server);
  return { url: `http://127.0.0.1:${port}`, close: async () => listening[Symbol.asyncDispose]() };
}

const overloaded = (retryAfter: string): Answer => ({
  status: 503,
  headers: { 'content-type': 'application/json', 'retry-after': retryAfter },
  body: JSON.stringify({ errors: [{ message: 'Too many.', extensions: { code: 'OVERLOADED' } }] }),
});

const open = (refuse: (body: string) => Answer | undefined, allow: RegExp) =>
  openWebApp(browser(), {
    videos: createVideos(3).videos,
    env: { VIDEO_RESTORE: 'on' },
    through: (url) => startRefusing(url, refuse),
    allow,
  });

test('what the gateway has no place for is sent once more, after the time it names', async () => {
  const seen: number[] = [];
  await using app = await open((body) => {
    if (!body.includes('deleteVideos')) return undefined;
    seen.push(performance.now());
    return seen.length === 1 ? overloaded('1') : undefined;
  }, /503/);
  await app.page.locator('.row .box').first().click();
  await app.page.getByRole('button', { name: 'Delete 1 video' }).click();

  await app.page.getByText('1 video moved to Removed').waitFor();

  const [first = 0, second = 0] = seen;
  expect(seen.length).toBe(2);
  expect(second - first).toBeGreaterThanOrEqual(1_000);
  expect(app.writes().length).toBe(1);
});

test('a gateway that stays overloaded is told in words, and nothing is sent a third time', async () => {
  let count = 0;
  await using app = await open((body) => {
    if (!body.includes('deleteVideos')) return undefined;
    count++;
    return overloaded('0');
  }, /503/);
  await app.page.locator('.row .box').first().click();
  await app.page.getByRole('button', { name: 'Delete 1 video' }).click();

  await app.page.locator('.failed').getByText('too much to do').waitFor();

  expect(count).toBe(2);
  expect(app.writes()).toEqual([]);
  await app.page.getByText('1 selected', { exact: true }).waitFor();
  expect(await findBarriers(app.page)).toEqual([]);
});

test('a 503 of something else than the gateway is not sent again, since it may have passed the call on', async () => {
  let count = 0;
  await using app = await open((body) => {
    if (!body.includes('deleteVideos')) return undefined;
    count++;
    return { status: 503, headers: { 'retry-after': '0' }, body: '<h1>Service Unavailable</h1>' };
  }, /503/);
  await app.page.locator('.row .box').first().click();
  await app.page.getByRole('button', { name: 'Delete 1 video' }).click();

  await app.page.locator('.failed').getByText('nothing had changed').waitFor();

  expect(count).toBe(1);
});

test('offline, the list stays, the app says so, and nothing is sent; back online, it reads again', async () => {
  await using app = await openWebApp(browser(), {
    videos: createVideos(3).videos,
    env: { VIDEO_RESTORE: 'on' },
    allow: /ERR_INTERNET_DISCONNECTED/,
  });
  await app.page.locator('.row .box').first().click();
  await app.context.setOffline(true);
  await app.page.getByText('nothing is sent until you are back').waitFor();
  expect(await app.page.locator('.row .what').count()).toBe(3);
  await assertVisible(app.page);
  await app.page.getByRole('button', { name: 'Delete 1 video' }).click();
  await app.page.locator('.failed').getByText('so nothing was sent').waitFor();
  app.sandbox.clearRequests();

  await app.context.setOffline(false);

  await app.page.getByText('nothing is sent until you are back').waitFor({ state: 'detached' });
  await eventually(() => expect(app.lists().length).toBeGreaterThan(0));
  expect(app.writes()).toEqual([]);
  await app.page.getByRole('button', { name: 'Delete 1 video' }).click();
  await app.page.getByText('1 video moved to Removed').waitFor();
  expect(app.writes().length).toBe(1);
});
