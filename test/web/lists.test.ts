// How a list is read: page by page, each once, and what it shows while it waits, when a read fails, and when there is nothing.
import { describe, test } from 'vitest';
import { createVideo, type SandboxRequest } from '../../src/sandbox/server.ts';
import { createShelf } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import {
  holdBack,
  readAllTitles,
  readFocus,
  readTitles,
  row,
  scrollTo,
  selection,
  watchSent,
} from '../support/video-list.ts';
import { openWebApp, useBrowser } from '../support/web-app.ts';

const browser = useBrowser();
const env = { VIDEO_RESTORE: 'on' };

const isFurtherPage = ({ path, query }: SandboxRequest) =>
  path === '/videos' && Number(query.get('currentPage') ?? 1) > 1;
const broken = { kind: 'answer', acts: false, status: 400, body: '{"title":"broken"}' } as const;

describe('reading on', () => {
  test('reads pages of 100, each once', async ({ expect }) => {
    await using app = await openWebApp(browser(), { env, videos: createShelf(450) });
    await row(app.page, 'Video 1').waitFor();
    const sent = watchSent(app.page);

    await scrollTo(app.page, 450);
    await row(app.page, 'Video 450').waitFor();

    const pages = sent.filter(({ name }) => name === 'LiveList');
    expect(pages).toHaveLength(4);
    expect(new Set(pages.map(({ after }) => after)).size).toBe(4);
    await eventually(async () => expect(await app.page.locator('.count').innerText()).toBe('450 videos'));
  });

  test('a page that fails leaves the list as it is, with a way to try again, and is not asked for by itself', async ({
    expect,
  }) => {
    await using app = await openWebApp(browser(), { env, videos: createShelf(150) });
    const { page, sandbox } = app;
    await row(page, 'Video 1').waitFor();
    sandbox.setFault((request) => (isFurtherPage(request) ? broken : undefined));
    const sent = watchSent(page);

    await scrollTo(page, 100);
    const alert = page.getByRole('alert');
    await alert.getByRole('button', { name: 'Try again' }).waitFor();
    await row(page, 'Video 100').waitFor();
    const asked = sent.length;
    for (const top of [0, 5_000, 0, 5_000, 0, 5_000])
      await page.evaluate(`new Promise((resolve) => {
        document.querySelector('.list').scrollTop = ${top};
        requestAnimationFrame(() => requestAnimationFrame(resolve));
      })`);
    expect(sent).toHaveLength(asked);

    sandbox.setFault(undefined);
    await alert.getByRole('button', { name: 'Try again' }).click();
    await scrollTo(page, 150);
    await row(page, 'Video 150').waitFor();
    expect(await alert.count()).toBe(0);
    expect(sent).toHaveLength(asked + 1);
    expect(await readFocus(page)).not.toBe('BODY');
  });

  test('goes on with the next page when every row that was loaded has been deleted', async ({ expect }) => {
    await using app = await openWebApp(browser(), {
      env,
      videos: createShelf(20),
      context: { viewport: { width: 1280, height: 320 } },
      // Pages of 12, which one call deletes in the foreground, and which fill the screen several times over.
      prepare: (_context, page) =>
        page.route('**/graphql', async (route) => {
          const body = route.request().postDataJSON();
          if (body?.operationName !== 'LiveList') return route.continue();
          await route.continue({ postData: { ...body, variables: { ...body.variables, first: 12 } } });
        }),
    });
    const { page } = app;
    await row(page, 'Video 1').waitFor();
    await row(page, 'Video 1').focus();
    await page.keyboard.press('Control+a');
    const sent = watchSent(page);
    await selection(page).getByRole('button', { name: 'Delete 12 videos' }).click();

    await eventually(async () => expect((await readTitles(page))[0]).toBe('Video 13'));
    await page.getByText('8 videos').waitFor();
    expect(app.writes()).toHaveLength(12);
    expect(sent.flatMap(({ name, after }) => (name === 'LiveList' ? [typeof after] : []))).toEqual([
      'string',
    ]);
  });

  test('says that there are none only when there are none', async ({ expect }) => {
    await using app = await openWebApp(browser(), { env, videos: createShelf(1) });
    await row(app.page, 'Video 1').getByRole('button').click();
    await app.page.getByRole('menuitem', { name: 'Delete' }).click();

    await app.page.getByText('No videos yet').waitFor();
    expect(app.writes()).toHaveLength(1);
    expect(await readFocus(app.page)).not.toBe('BODY');
  });

  test('asks once more, not for ever, if there should be videos but none came', async ({ expect }) => {
    let isEmpty = true;
    await using app = await openWebApp(browser(), {
      env,
      videos: createShelf(2),
      prepare: (_context, page) =>
        page.route('**/graphql', async (route) => {
          if (!isEmpty || route.request().postDataJSON()?.operationName !== 'LiveList')
            return route.continue();
          const answer = await route.fetch();
          const { data } = await answer.json();
          await route.fulfill({ response: answer, json: { data: { list: { ...data.list, edges: [] } } } });
        }),
    });
    const sent = watchSent(app.page);

    await app.page.getByText('The gateway counts 2 videos here, but returned none.').waitFor();
    await eventually(() => expect(sent.filter(({ name }) => name === 'LiveList')).toHaveLength(1));
    isEmpty = false;
    await app.page.getByRole('button', { name: 'Try again' }).click();
    await row(app.page, 'Video 1').waitFor();
    expect(sent.filter(({ name }) => name === 'LiveList')).toHaveLength(2);
  });
});

describe('while it waits', () => {
  test('grey rows stand for the first page, and only if it takes a while', async ({ expect }) => {
    let release = () => {};
    await using app = await openWebApp(browser(), {
      env,
      videos: createShelf(3),
      prepare: async (_context, page) => {
        release = await holdBack(page, 'LiveList');
      },
    });
    const placeholders = app.page.getByRole('status', { name: 'Reading the list' });
    await placeholders.waitFor();
    expect(await app.page.locator('.placeholder').count()).toBe(8);
    expect(await placeholders.evaluate((element) => getComputedStyle(element).animationDelay)).toBe('0.3s');

    release();
    await row(app.page, 'Video 1').waitFor();
    expect(await placeholders.count()).toBe(0);
  });

  test('a change of the filter keeps the old rows, dimmed, until the new ones have come', async ({
    expect,
  }) => {
    await using app = await openWebApp(browser(), { env, videos: createShelf(3) });
    const { page } = app;
    await row(page, 'Video 1').waitFor();
    const release = await holdBack(page, 'LiveList');

    await page.getByLabel('Search titles').fill('Video 2');
    await page.locator('.pane[data-outdated]').waitFor();
    expect(await readTitles(page)).toEqual(['Video 1', 'Video 2', 'Video 3']);
    expect(await page.locator('.pane').getAttribute('aria-busy')).toBe('true');

    release();
    await eventually(async () => expect(await readTitles(page)).toEqual(['Video 2']));
    expect(await page.locator('.pane[data-outdated]').count()).toBe(0);
  });

  test('of no match, it does not say that there are no videos when the filter is cleared', async ({
    expect,
  }) => {
    await using app = await openWebApp(browser(), { env, videos: createShelf(3), path: '/?title=nothing' });
    const { page } = app;
    await page.getByText('No video matches').waitFor();
    const release = await holdBack(page, 'LiveList');

    await page.getByRole('button', { name: 'Show all' }).click();
    await page.locator('.pane[data-outdated]').waitFor();
    expect(await page.getByText('No videos yet').count()).toBe(0);
    release();
    await row(page, 'Video 1').waitFor();
    expect(page.url()).toBe(`${app.url}/`);
    expect(await readFocus(page)).not.toBe('BODY');
  });

  test('coming back to a tab shows what was there, and then what is there now', async ({ expect }) => {
    const [kept, ...later] = createShelf(2).reverse();
    await using app = await openWebApp(browser(), { env, videos: kept ? [kept] : [] });
    const { page } = app;
    await row(page, 'Video 2').waitFor();
    await page.getByRole('link', { name: 'Removed' }).click();
    await page.getByText('Nothing is removed').waitFor();
    app.sandbox.addVideos(later);
    const release = await holdBack(page, 'LiveList');

    await page.getByRole('link', { name: 'Videos' }).click();
    await row(page, 'Video 2').waitFor();
    expect(await readTitles(page)).toEqual(['Video 2']);
    release();
    await eventually(async () => expect(await readTitles(page)).toEqual(['Video 1', 'Video 2']));
  });
});

describe('a read that fails', () => {
  const failReads = ({ path }: SandboxRequest) => (path === '/videos' ? broken : undefined);

  test('at first says so, with a way to try again', async ({ expect }) => {
    await using app = await openWebApp(browser(), {
      env,
      videos: createShelf(2),
      prepare: (_context, page) => page.route('**/graphql', (route) => route.abort()),
      allow: /ERR_FAILED/,
    });
    await app.page.getByText('The list could not be read').waitFor();
    expect(await app.page.locator('.empty p').innerText()).toBe('The gateway could not be reached.');

    await app.page.unroute('**/graphql');
    await app.page.getByRole('button', { name: 'Try again' }).click();
    await row(app.page, 'Video 1').waitFor();
    expect(await readFocus(app.page)).not.toBe('BODY');
  });

  test('when it is read again keeps the rows, and says so above them', async ({ expect }) => {
    // Each read asks api.video anew.
    const reading = { ...env, READ_CACHE_SECONDS: '0' };
    await using app = await openWebApp(browser(), { env: reading, videos: createShelf(2) });
    const { page, sandbox } = app;
    await row(page, 'Video 1').waitFor();
    await page.getByRole('link', { name: 'Removed' }).click();
    await page.getByText('Nothing is removed').waitFor();
    sandbox.setFault(failReads);

    await page.getByRole('link', { name: 'Videos' }).click();
    const again = page.getByRole('alert').getByRole('button', { name: 'Try again' });
    await again.waitFor();
    expect(await readTitles(page)).toEqual(['Video 1', 'Video 2']);

    sandbox.setFault(undefined);
    await again.click();
    await eventually(async () => expect(await page.getByRole('alert').count()).toBe(0));
    expect(await readTitles(page)).toEqual(['Video 1', 'Video 2']);
    expect(await readFocus(page)).not.toBe('BODY');
  });

  test('of another filter does not show the rows of the last one as its own', async ({ expect }) => {
    await using app = await openWebApp(browser(), { env, videos: createShelf(2) });
    const { page, sandbox } = app;
    await row(page, 'Video 1').waitFor();
    sandbox.setFault(failReads);

    await page.getByLabel('Search titles').fill('Video 2');
    await page.getByText('The list could not be read').waitFor();
    expect(await readTitles(page)).toEqual([]);
    expect(await page.locator('.count').innerText()).toBe('');

    sandbox.setFault(undefined);
    await page.getByRole('button', { name: 'Try again' }).click();
    await eventually(async () => expect(await readTitles(page)).toEqual(['Video 2']));
  });
});

test('with another editor at work, no video is shown twice and none is missed', async ({ expect }) => {
  const shelf = createShelf(250);
  await using app = await openWebApp(browser(), { env, videos: shelf.slice(5) });
  const { page, sandbox } = app;
  await row(page, 'Video 6').waitFor();
  // Five come in at the top, and each tenth of the rest goes, some of them on pages that are loaded.
  const rest = shelf.filter((_, index) => index < 5 || index % 10 !== 9);
  sandbox.addVideos(shelf.slice(0, 5));
  const gone = shelf.filter((video) => !rest.includes(video));
  await Promise.all(
    gone.map(({ videoId }) =>
      fetch(`${sandbox.url}/videos/${videoId}`, {
        method: 'DELETE',
        headers: { authorization: `Basic ${Buffer.from(`${sandbox.apiKey}:`).toString('base64')}` },
      }),
    ),
  );

  await scrollTo(page, 220);
  await row(page, 'Video 249').waitFor();
  const titles = await readAllTitles(page);
  expect(new Set(titles).size).toBe(titles.length);
  const known = new Set(titles);
  expect(rest.slice(5).flatMap(({ title }) => (known.has(title) ? [] : [title]))).toEqual([]);

  await page.getByRole('link', { name: 'Removed' }).click();
  await page.getByText(`${gone.length} videos`).waitFor();
  await page.getByRole('link', { name: 'Videos' }).click();
  await eventually(async () => expect((await readTitles(page)).slice(0, 2)).toEqual(['Video 1', 'Video 2']));
  await page.getByText(`${rest.length} videos`).waitFor();
});

test('a video without a title is called by its id', async ({ expect }) => {
  const video = createVideo({ title: '' });
  await using app = await openWebApp(browser(), { env, videos: [video] });

  await eventually(async () => expect(await readTitles(app.page)).toEqual([video.videoId]));
});

test('a list that is empty under reduced motion, or is being read, moves nothing', async ({ expect }) => {
  await using app = await openWebApp(browser(), {
    env,
    videos: createShelf(3),
    context: { reducedMotion: 'reduce' },
  });
  await row(app.page, 'Video 1').waitFor();
  const moving = await app.page.evaluate(
    `document.getAnimations().filter(({ effect }) => effect.getTiming().duration > 0).length`,
  );
  expect(moving).toBe(0);
});
