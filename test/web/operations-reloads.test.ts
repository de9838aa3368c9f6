// Operations that are found again after a restart of the gateway, by their owner alone, and however many there are.
import { test } from 'vitest';
import { createHttpServer } from '../../src/server/http-server.ts';
import { createFolder } from '../support/create-folder.ts';
import { createVideos } from '../support/create-videos.ts';
import { startInBackground } from '../support/durable-gateway.ts';
import { createToken, JWT, key, SECRET } from '../support/issue-jwt.ts';
import { startKeptGateway } from '../support/kept-gateway.ts';
import { listen } from '../support/listen.ts';
import { deleteAll, readStrips, recordCalls, waitForStrip } from '../support/operation-strips.ts';
import { passOn, type StreamingProxy, startStreamingProxy } from '../support/streaming-proxy.ts';
import { openWebApp, useBrowser } from '../support/web-app.ts';

const browser = useBrowser();
const VIDEO_RESTORE = { VIDEO_RESTORE: 'on' };
const STEADY = { limits: { reads: 5_000, writes: 8 }, windowMs: 1_000 };
/** Some twenty are deleted at once. The rest wait for longer than a test takes. */
const HALTED = { limits: { reads: 5_000, writes: 30 }, windowMs: 600_000 };

test('a gateway that starts again goes on with it, and the page with the gateway; each video is deleted once', async ({
  expect,
}) => {
  const { videos, ids } = createVideos(100);
  await using folder = await createFolder();
  let proxy: StreamingProxy | undefined;
  await using app = await openWebApp(browser(), {
    videos,
    env: VIDEO_RESTORE,
    ...STEADY,
    store: folder.store,
    through: async (url) => {
      proxy = await startStreamingProxy(url, passOn);
      return proxy;
    },
    // The second gateway does not take the sandbox for its own.
    allow: /ERR_|Failed to load resource|img-src/,
  });
  await deleteAll(app.page, 100);
  await waitForStrip(app.page, /\d moved/);

  app.gateway.drain();
  proxy?.breakStreams();
  await app.gateway.close();
  expect(app.writes().length).toBeLessThan(100);
  await using second = await startKeptGateway(app.sandbox, {
    store: folder.store,
    env: { ...VIDEO_RESTORE, WEB_APP: 'on' },
  });
  await using listening = await listen(createHttpServer(second.gateway.handle));
  proxy?.forwardTo(`http://127.0.0.1:${listening.port}`);
  await app.page.reload();

  await waitForStrip(app.page, /^100 videos moved to Removed/);
  // The second gateway does not know at first what the first one has left of the limit, and a probe of its own comes between.
  const taken = app.sandbox.requests.filter(({ method, status }) => method === 'DELETE' && status !== 429);
  const deleted = taken.flatMap(({ videoId = '' }) => (ids.includes(videoId) ? [videoId] : []));
  expect(deleted.toSorted()).toEqual(ids.toSorted());
});

test("the caller's own operations are shown, and not those of another caller", async ({ expect }) => {
  const { videos, ids } = createVideos(8);
  const sign = (subject: string) =>
    createToken({ scope: 'videos:read videos:delete videos:restore' }).setSubject(subject).sign(key(SECRET));
  const headersOf = async (subject: string) => ({ authorization: `Bearer ${await sign(subject)}` });
  await using app = await openWebApp(browser(), {
    videos,
    env: { ...JWT, JWT_SECRET: SECRET },
    dialect: 'removed',
    limits: { reads: 5_000, writes: 3 },
    windowMs: 600_000,
    context: { extraHTTPHeaders: await headersOf('ann') },
  });
  const graphql = `${app.url}/graphql`;
  await startInBackground(graphql, 'deleteVideos', ids.slice(0, 5), '', await headersOf('bob'));
  await startInBackground(graphql, 'deleteVideos', ids.slice(5), '', await headersOf('ann'));

  await app.page.reload();

  await waitForStrip(app.page, /^Deleting 3 videos/);
  expect(await readStrips(app.page)).toHaveLength(1);
});

test('of many, a few are shown, and all are followed by one stream', async ({ expect }) => {
  const { videos, ids } = createVideos(60);
  await using app = await openWebApp(browser(), { videos, env: VIDEO_RESTORE, ...HALTED });
  await app.page.goto('about:blank');
  for (const at of [0, 12, 24, 36, 48])
    await startInBackground(`${app.url}/graphql`, 'deleteVideos', ids.slice(at, at + 12));
  const calls = recordCalls(app.page);

  await app.page.goto(app.url);
  await app.page.getByRole('button', { name: 'and 2 more' }).click();

  await app.page.getByRole('button', { name: 'Show fewer' }).waitFor();
  expect(await readStrips(app.page)).toHaveLength(5);
  await app.page.getByText('Deleting…').first().waitFor();
  expect(calls.filter((name) => name === 'FollowOperations')).toHaveLength(1);
});

test('a page whose first question about its caller is lost asks again, and then shows what goes on', async ({
  expect,
}) => {
  const { videos, ids } = createVideos(40);
  await using app = await openWebApp(browser(), { videos, env: VIDEO_RESTORE, ...HALTED, allow: /502/ });
  await startInBackground(`${app.url}/graphql`, 'deleteVideos', ids);
  let asked = 0;
  await app.page.route('**/graphql', async (route) => {
    if (route.request().postDataJSON()?.operationName !== 'Viewer') return route.fallback();
    asked += 1;
    return asked === 1 ? route.fulfill({ status: 502, body: 'Bad gateway' }) : route.fallback();
  });

  await app.page.reload();

  await waitForStrip(app.page, /^Deleting 40 videos/);
  expect(asked).toBe(2);
});
