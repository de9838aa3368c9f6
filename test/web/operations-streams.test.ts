// How the page follows operations: by one stream while it is visible, and by asking where a proxy cuts or holds back streams.
import { test } from 'vitest';
import { createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { deleteAll, recordCalls, setVisible, waitForStrip } from '../support/operation-strips.ts';
import {
  cut,
  holdBack,
  type Manner,
  passOn,
  type StreamingProxy,
  startStreamingProxy,
} from '../support/streaming-proxy.ts';
import { openWebApp, useBrowser, type WebApp } from '../support/web-app.ts';

const browser = useBrowser();
const ENV = { VIDEO_RESTORE: 'on', METRICS: 'on' };
const STEADY = { limits: { reads: 5_000, writes: 8 }, windowMs: 1_000 };
const HALTED = { limits: { reads: 5_000, writes: 30 }, windowMs: 600_000 };

async function countStreams({ gateway }: WebApp): Promise<number> {
  const response = await gateway.fetch('http://127.0.0.1/metrics');
  return Number(/^apivideo_graphql_open_streams (\d+)$/m.exec(await response.text())?.[1]);
}

test.for<readonly [string, Manner]>([
  ['cuts streams', cut],
  ['holds streams back', holdBack],
])('behind a proxy that %s, the page asks every 5 s, and shows the end', async ([, manner], { expect }) => {
  const { videos } = createVideos(60);
  await using app = await openWebApp(browser(), {
    videos,
    env: ENV,
    limits: { reads: 5_000, writes: 5 },
    windowMs: 1_000,
    through: (url) => startStreamingProxy(url, manner),
    allow: /ERR_/,
  });
  const polls: number[] = [];
  app.page.on('request', (sent) => {
    if (sent.postDataJSON()?.operationName === 'Operations') polls.push(Date.now());
  });
  const calls = recordCalls(app.page);

  await deleteAll(app.page, 60);
  await waitForStrip(app.page, /^60 videos moved to Removed/);

  expect(polls.length).toBeGreaterThan(2);
  const [, ...rest] = polls;
  const gaps = rest.slice(1).map((at, index) => at - Number(rest[index]));
  for (const gap of gaps) expect(gap).toBeGreaterThan(4_900);
  expect(calls.filter((name) => name === 'FollowOperations').length).toBeLessThanOrEqual(2);
});

test('a hidden page holds no stream and asks for nothing; visible again, it shows what has ended', async ({
  expect,
}) => {
  const { videos, ids } = createVideos(100);
  await using app = await openWebApp(browser(), { videos, env: ENV, ...STEADY });
  await deleteAll(app.page, 100);
  await waitForStrip(app.page, /\d moved/);
  expect(await countStreams(app)).toBe(1);

  await setVisible(app.page, false);
  await eventually(async () => expect(await countStreams(app)).toBe(0));
  const calls = recordCalls(app.page);
  expect(app.writes().length).toBeLessThan(ids.length);
  await eventually(() => expect(app.writes()).toHaveLength(ids.length));
  expect(calls.filter((name) => /^(Follow)?Operations?$/.test(name))).toEqual([]);
  await waitForStrip(app.page, /^Deleting 100 videos/);

  await setVisible(app.page, true);
  await waitForStrip(app.page, /^100 videos moved to Removed/);
  await app.page.getByText('No videos yet').waitFor();
  expect(await countStreams(app)).toBe(0);
});

test('two tabs hold a stream each while both are visible, for however many operations, and none at the end', async ({
  expect,
}) => {
  const { videos } = createVideos(100);
  await using app = await openWebApp(browser(), { videos, env: ENV, ...HALTED });
  await deleteAll(app.page, 100);
  await waitForStrip(app.page, /\d moved/);
  const tab = await app.openTab();
  await waitForStrip(tab, /Deleting 100 videos/);
  await eventually(async () => expect(await countStreams(app)).toBe(2));

  await tab.getByRole('button', { name: 'Cancel' }).click();
  for (const page of [tab, app.page]) await waitForStrip(page, /were left as they are/);
  await eventually(async () => expect(await countStreams(app)).toBe(0));
});

test('a stream that broke is opened again', async ({ expect }) => {
  const { videos } = createVideos(60);
  let proxy: StreamingProxy | undefined;
  await using app = await openWebApp(browser(), {
    videos,
    env: ENV,
    ...STEADY,
    through: async (url) => {
      proxy = await startStreamingProxy(url, passOn);
      return proxy;
    },
    allow: /ERR_/,
  });
  const calls = recordCalls(app.page);
  await deleteAll(app.page, 60);
  await waitForStrip(app.page, /\d moved/);

  proxy?.breakStreams();

  await waitForStrip(app.page, /^60 videos moved to Removed/);
  expect(calls.filter((name) => name === 'FollowOperations')).toHaveLength(2);
});
