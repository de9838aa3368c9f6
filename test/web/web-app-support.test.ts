// The support of the web app's tests: that it opens the app, and fails a test where the page complains.
import { describe, test } from 'vitest';
import { createVideo } from '../../src/sandbox/server.ts';
import { createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import {
  type LosingProxy,
  openWebApp,
  startLosingProxy,
  useBrowser,
  type WebApp,
} from '../support/web-app.ts';

const browser = useBrowser();

const DELETE = 'mutation ($ids: [ID!]!) { deleteVideos(ids: $ids) { summary { succeeded } } }';
const RESTORE = 'mutation ($ids: [ID!]!) { restoreVideos(ids: $ids) { summary { succeeded } } }';

/** Sends a document from the page, as the app does; resolves with the answer, or the error if there is none. */
function send({ page }: WebApp, query: string, ids: readonly string[]): Promise<unknown> {
  const body = JSON.stringify({ query, variables: { ids } });
  return page.evaluate(`fetch('graphql', { method: 'POST', headers: { 'content-type': 'application/json' },
    body: ${JSON.stringify(body)} }).then((answer) => answer.json()).catch(String)`);
}

/** Opens the app, does something there, and closes it; resolves with the error at the close. */
async function findFault(act: (app: WebApp) => Promise<unknown>, allow: readonly RegExp[] = []) {
  const app = await openWebApp(browser(), { allow, videos: [createVideo()] });
  await act(app);
  return app[Symbol.asyncDispose]().then(
    () => undefined,
    (error: unknown) => String(error),
  );
}

describe('a test fails', () => {
  test.for<readonly [string, string, RegExp]>([
    ['an error in the console', `console.error('oops')`, /console error: oops/],
    ['a warning in the console', `console.warn('careful')`, /console warning: careful/],
    ['an exception', `setTimeout(() => { throw new Error('thrown') })`, /uncaught: Error: thrown/],
    ['an unhandled rejection', `void Promise.reject(new Error('rejected'))`, /uncaught: Error: rejected/],
    [
      'a violation of the policy',
      `document.body.append(Object.assign(new Image(), { src: 'https://elsewhere.example/x.png' }))`,
      /content security policy: img-src https:\/\/elsewhere\.example\/x\.png/,
    ],
    [
      'a violation of Trusted Types',
      `try { document.body.innerHTML = '<b>x</b>' } catch {}`,
      /require-trusted-types-for/,
    ],
    [
      'a request to another host that the policy allows',
      `document.body.append(Object.assign(new Image(), { src: 'https://cdn.api.video/x.png' }))`,
      /request to another host: https:\/\/cdn\.api\.video\/x\.png/,
    ],
    ['an answer of 404', `void fetch('nowhere')`, /console error: Failed to load resource: .* 404 .*nowhere/],
  ])('of %s', async ([, script, complaint], { expect }) => {
    const fault = await findFault(async ({ page, complaints }) => {
      await page.evaluate(`${script}; 0`);
      await eventually(() => expect(complaints().join('\n')).toMatch(complaint));
    });

    expect(fault).toMatch(complaint);
  });
});

test('the app opens in front of its own sandbox, with pictures, and complains of nothing', async ({
  expect,
}) => {
  const { videos } = createVideos(3);
  await using app = await openWebApp(browser(), { videos });

  await app.page.getByRole('row').first().waitFor();
  await eventually(async () =>
    expect(
      await app.page.evaluate(
        '[...document.images].map((image) => image.naturalWidth > 0 && new URL(image.src).origin)',
      ),
    ).toEqual(videos.map(() => app.sandbox.url)),
  );

  expect(app.lists()).toEqual([expect.stringMatching(/^\/videos\?.*pageSize=100/)]);
  expect(app.writes()).toEqual([]);
});

test('it opens at a path, in a context with options, after a preparation', async ({ expect }) => {
  await using app = await openWebApp(browser(), {
    path: '/removed?sort=title',
    context: { viewport: { width: 360, height: 640 }, colorScheme: 'dark' },
    prepare: (_context, page) => page.addInitScript('window.wasPrepared = true'),
  });

  expect(app.page.url()).toBe(`${app.url}/removed?sort=title`);
  expect(
    await app.page.evaluate(
      `[innerWidth, matchMedia('(prefers-color-scheme: dark)').matches, window.wasPrepared]`,
    ),
  ).toEqual([360, true, true]);
});

test('the gateway has the settings that the test gives it', async ({ expect }) => {
  await using app = await openWebApp(browser(), {
    env: { AUTH: 'passthrough', APIVIDEO_API_KEY: '' },
    allow: /401/,
  });

  expect(await send(app, RESTORE, ['viX'])).toMatchObject({
    errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
  });
});

describe('complaints that a test expects', () => {
  test('do not fail it, and others still do', async ({ expect }) => {
    const complain = ({ page }: WebApp) => page.evaluate(`console.error('one'); console.error('two')`);

    expect(await findFault(complain, [/one/, /two/])).toBeUndefined();
    expect(await findFault(complain, [/one/])).toBe('Error: The page complained:\nconsole error: two');
  });

  test('may be named during the test', async ({ expect }) => {
    expect(
      await findFault(async (app) => {
        await app.page.evaluate(`console.error('one')`);
        app.allow(/one/);
      }),
    ).toBeUndefined();
  });
});

test('the missing picture of a video that has just been removed is no complaint', async ({ expect }) => {
  const fault = await findFault(
    async ({ page, sandbox }) => {
      // Whoever looks at a list cannot know of it. The browser refuses the text instead of logging the 404.
      await page.evaluate(`new Promise((resolve) => {
      const image = new Image();
      image.onerror = resolve;
      image.src = '${sandbox.url}/vod/viGone/thumbnail.svg';
    })`);
      // Of this the browser complains, and afterwards, so that the test has waited for a complaint of the picture.
      const complained = page.waitForEvent('console', (message) =>
        message.location().url.endsWith('nowhere'),
      );
      await page.evaluate(`fetch('nowhere').then(() => 0)`);
      await complained;
    },
    [/nowhere/],
  );

  expect(fault).toBeUndefined();
});

test('a second tab is watched as well', async ({ expect }) => {
  const fault = await findFault(async ({ openTab, url }) => {
    const tab = await openTab('/removed');
    expect(tab.url()).toBe(`${url}/removed`);
    await tab.evaluate(`console.error('in the other tab')`);
    await tab.close();
  });

  expect(fault).toMatch(/in the other tab/);
});

describe('the writes', () => {
  test('are told in order, without those of the probe', async ({ expect }) => {
    const { videos, ids } = createVideos(2);
    await using app = await openWebApp(browser(), { videos });
    const [first, second] = ids;

    await send(app, DELETE, [String(first)]);
    await send(app, DELETE, [String(second)]);
    await send(app, RESTORE, [String(first)]);

    expect(app.writes()).toEqual([`DELETE ${first}`, `DELETE ${second}`, `RESTORE ${first}`]);
    expect(app.sandbox.requests.some(({ method }) => method === 'POST')).toBe(true);
  });

  test('leave out the probe, too, where a deletion destroys it', async ({ expect }) => {
    await using app = await openWebApp(browser(), { videoRestore: false });
    const later = createVideo();
    app.sandbox.addVideos([later]);

    await send(app, DELETE, [later.videoId]);

    expect(app.writes()).toEqual([]);
    const deleted = app.sandbox.requests.filter(({ method }) => method === 'DELETE');
    expect(deleted.map(({ videoId }) => app.sandbox.state(String(videoId)))).toEqual(['absent']);
  });
});

test('a proxy in between loses an answer after the gateway has acted', async ({ expect }) => {
  const video = createVideo();
  let proxy: LosingProxy | undefined;
  await using app = await openWebApp(browser(), {
    videos: [video],
    env: { VIDEO_RESTORE: 'on' },
    through: async (url) => {
      proxy = await startLosingProxy(url);
      return proxy;
    },
    allow: /ERR_|Failed to load resource/,
  });

  const lost = proxy?.loseNext(/deleteVideos/);
  const answer = await send(app, DELETE, [video.videoId]);
  await lost;

  expect(answer).toMatch(/Error/);
  expect(app.writes()).toEqual([`DELETE ${video.videoId}`]);
  expect(app.sandbox.state(video.videoId)).toBe('removed');
  expect(await send(app, RESTORE, [video.videoId])).toMatchObject({
    data: { restoreVideos: { summary: { succeeded: 1 } } },
  });
});
