// The pictures and player pages that the sandbox serves in place of api.video's CDN and player hosts.
import { createServer } from 'node:http';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, it } from 'vitest';
import * as z from 'zod';
import { demoVideos } from '../../src/sandbox/demo-videos.ts';
import { createVideo } from '../../src/sandbox/server.ts';
import { startBrowser } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { listen } from '../support/listen.ts';
import { startSandbox } from '../support/sandbox.ts';
import { createClient } from './client.ts';

const shown = z.object({ assets: z.object({ player: z.string(), thumbnail: z.string() }) });

/** A sandbox with one video, and the addresses that the API gives for it. */
async function start(fields: Parameters<typeof createVideo>[0] = {}) {
  const video = createVideo(fields);
  const sandbox = await startSandbox({ videos: [video] });
  const call = createClient(sandbox);
  const { assets } = shown.parse((await call('GET', `/videos/${video.videoId}`)).json);
  sandbox.clearRequests();
  return { sandbox, video, call, ...assets, [Symbol.asyncDispose]: () => sandbox.close() };
}

describe('a live video', () => {
  it('has a picture and a player page at the addresses that the API gives, without credentials', async ({
    expect,
  }) => {
    await using started = await start();

    const picture = await fetch(started.thumbnail);
    const page = await fetch(started.player);

    expect([picture.status, picture.headers.get('content-type')]).toEqual([
      200,
      'image/svg+xml; charset=utf-8',
    ]);
    expect(await picture.text()).toMatch(
      /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 320 180" .*<\/svg>$/,
    );
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  });

  it('answers HEAD as GET, without a body', async ({ expect }) => {
    await using started = await start();

    const head = await fetch(started.thumbnail, { method: 'HEAD' });

    expect([head.status, await head.text()]).toEqual([200, '']);
    expect(Number(head.headers.get('content-length'))).toBeGreaterThan(200);
  });

  it('shows them as long as reads show the video', async ({ expect }) => {
    const video = createVideo();
    await using sandbox = await startSandbox({ videos: [video], lagMs: 60_000 });

    sandbox.remove(video.videoId);

    expect((await fetch(`${sandbox.url}/vod/${video.videoId}`)).status).toBe(200);
  });

  it('has them in every project', async ({ expect }) => {
    await using started = await start();
    const { sandbox } = started;
    const other = createVideo();
    sandbox.addProject({ projectId: 'prOther', apiKey: 'other-key', videos: [other] });

    expect((await fetch(`${sandbox.url}/vod/${other.videoId}/thumbnail.svg`)).status).toBe(200);
  });
});

it('a removed video has neither, and has both again once it is restored', async ({ expect }) => {
  await using started = await start();
  const { sandbox, video, thumbnail, player } = started;
  const statuses = async () => [(await fetch(thumbnail)).status, (await fetch(player)).status];

  sandbox.remove(video.videoId);
  expect(await statuses()).toEqual([404, 404]);
  sandbox.restore(video.videoId);
  expect(await statuses()).toEqual([200, 200]);
});

it('an unknown video has neither', async ({ expect }) => {
  await using started = await start();
  const { sandbox } = started;

  for (const path of [
    '/vod/viNobody',
    '/vod/viNobody/thumbnail.svg',
    '/vod/%2e%2e/thumbnail.svg',
    '/vod/<b>',
  ])
    expect((await fetch(sandbox.url + path)).status).toBe(404);
});

it('they are no requests to the API: not logged, not limited, not slow, and no fault concerns them', async ({
  expect,
}) => {
  const video = createVideo();
  await using sandbox = await startSandbox({
    videos: [video],
    limits: { reads: 0, writes: 0 },
    latencyMs: 3_600_000,
  });
  sandbox.setFault(() => ({ kind: 'reset', acts: false }));

  for (const path of ['', '/thumbnail.svg?x=1'])
    expect((await fetch(`${sandbox.url}/vod/${video.videoId}${path}`)).status).toBe(200);
  expect([sandbox.requests, sandbox.maxInFlight]).toEqual([[], 0]);
});

it('any other path or method below /vod is as before: an unknown address of the API', async ({ expect }) => {
  await using started = await start();
  const { sandbox, video, call } = started;

  for (const [method, path] of [
    ['DELETE', `/vod/${video.videoId}`],
    ['GET', `/vod/${video.videoId}/hls/manifest.m3u8`],
    ['GET', '/vod'],
  ] as const)
    expect(await call(method, path)).toMatchObject({
      status: 404,
      json: { title: 'Unrecognized request URL.' },
    });
  expect(sandbox.requests).toHaveLength(3);
});

it('no two pictures of the demo videos are alike, and each stays as it is', async ({ expect }) => {
  const videos = demoVideos().filter(({ removedAt }) => removedAt === null);
  await using first = await startSandbox({ videos });
  await using second = await startSandbox({ videos });
  const draw = (url: string) =>
    Promise.all(
      videos.map(async ({ videoId }) => (await fetch(`${url}/vod/${videoId}/thumbnail.svg`)).text()),
    );

  const pictures = await draw(first.url);

  expect(new Set(pictures).size).toBe(videos.length);
  expect(await draw(second.url)).toEqual(pictures);
  // A list shows dozens at once.
  for (const picture of pictures) expect(picture.length).toBeLessThan(2_200);
  // Nothing that a browser would load or run, or that another picture's id could change.
  for (const picture of pictures)
    expect(picture).not.toMatch(/<script|<image|<use|href|style=| on\w+=|NaN|undefined/);
});

describe('in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  }, 120_000);
  afterAll(() => browser.close());

  const HOSTILE = `</title></h1><script>document.body.id = 'taken'</script><img src=x onerror="document.body.id = 'taken'">`;

  it.for([
    ['none'],
    ['cooking'],
    ['travel'],
    ['sports'],
    ['lecture'],
    ['webinar'],
    ['tutorial'],
    ['all-hands'],
  ])('the picture of a video with the tags %j is one', async (tags, { expect }) => {
    await using started = await start({ tags, title: HOSTILE });
    await using opened = await openHost(browser);

    const size = await opened.page.evaluate(`(async () => {
        const image = new Image();
        image.src = '${started.thumbnail}';
        await image.decode();
        return [image.naturalWidth, image.naturalHeight];
      })()`);

    expect(size).toEqual([320, 180]);
  });

  it('the player plays, pauses and seeks in a frame of another origin, and loads nothing', async ({
    expect,
  }) => {
    await using started = await start({ title: HOSTILE });
    await using opened = await openHost(browser);
    const { page } = opened;
    const complaints: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => requests.push(request.url()));
    await page.evaluate(`
      const frame = document.createElement('iframe');
      frame.sandbox.add('allow-scripts', 'allow-same-origin', 'allow-presentation');
      frame.src = '${started.player}';
      document.body.append(frame);`);
    const player = page.frameLocator('iframe');

    await eventually(async () =>
      expect(await player.locator('#time').textContent()).toMatch(/^0:00 \/ \d:\d\d$/),
    );
    await player.locator('#big').click();
    await eventually(async () =>
      expect(Number(await player.getByRole('slider').inputValue())).toBeGreaterThan(0.1),
    );
    await player.getByRole('button', { name: 'Pause' }).click();
    await player.getByRole('slider').fill('20');

    expect(await player.locator('#time').textContent()).toMatch(/^0:20 \//);
    expect(await player.getByRole('button', { name: 'Play' }).count()).toBe(1);
    expect(await player.getByRole('heading').textContent()).toBe(HOSTILE);
    expect(await player.locator('body').getAttribute('id')).toBeNull();
    expect(complaints).toEqual([]);
    expect(requests).toEqual([started.player]);
  });
});

/** An empty page of another origin, as the web app's. */
async function openHost(browser: Browser) {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><link rel="icon" href="data:,">');
  });
  const { port, ...listening } = await listen(server);
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`http://127.0.0.1:${port}`);
  return {
    page,
    async [Symbol.asyncDispose]() {
      await context.close();
      await listening[Symbol.asyncDispose]();
    },
  };
}
