// The preview: one video in a dialog, read when it opens and not before, with its player, or why it cannot be played.
import type { Page } from 'playwright-core';
import { describe, test } from 'vitest';
import { createVideo } from '../../src/sandbox/server.ts';
import { createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { createRemoved } from '../support/strange-videos.ts';
import { openWebApp, useBrowser, type WebApp } from '../support/web-app.ts';
import { row } from '../support/web-app-states.ts';

const browser = useBrowser();

const dialog = (page: Page) => page.getByRole('dialog');

/** The row, or what is in it, that has the focus; empty if none has. */
const readFocus = (page: Page) =>
  page.evaluate(
    "document.activeElement.closest('[data-key]')?.dataset.key ?? document.activeElement.tagName",
  );

const FULL = createVideo({
  videoId: 'viFull',
  title: 'The harbour',
  description: 'Filmed at dawn.',
  tags: ['travel', 'sea'],
  metadata: [{ key: 'Author', value: 'Ada' }],
  createdAt: '2026-03-01T09:30:00Z',
  updatedAt: '2026-03-02T10:45:00Z',
});

const readsOf = ({ sandbox }: WebApp, id: string) =>
  sandbox.requests.filter(({ method, path }) => method === 'GET' && path.startsWith(`/videos/${id}`)).length;

describe('of a video', () => {
  test('plays it in a frame that may not leave its place', async ({ expect }) => {
    await using app = await openWebApp(browser(), { videos: [FULL] });
    await row(app.page).click();

    const frame = dialog(app.page).locator('iframe');
    await frame.waitFor();
    expect(await frame.getAttribute('sandbox')).toBe('allow-scripts allow-same-origin allow-presentation');
    expect(await frame.getAttribute('title')).toBe('Player of The harbour');
    expect(await frame.getAttribute('referrerpolicy')).toBe('no-referrer');
    await frame.contentFrame().getByRole('button', { name: 'Play' }).first().click();
    await frame.contentFrame().getByRole('button', { name: 'Pause' }).waitFor();
  });

  test('says what is known of it', async ({ expect }) => {
    await using app = await openWebApp(browser(), { videos: [FULL, createVideo({ public: false })] });
    const { page } = app;
    await page.locator('[data-key=viFull] .what').click();
    await page.getByText('Filmed at dawn.').waitFor();

    expect(await dialog(page).getByRole('heading').innerText()).toBe('The harbour');
    expect(await dialog(page).getByRole('listitem').allInnerTexts()).toEqual(['travel', 'sea']);
    expect(await page.locator('.facts > div').allInnerTexts()).toEqual([
      'Visibility\nPublic',
      'Created\nMar 1, 2026, 9:30 AM',
      'Changed\nMar 2, 2026, 10:45 AM',
      'Author\nAda',
      'Id\nviFull\nCopy',
    ]);
  });

  test('is read upstream when it opens, and no row is read before', async ({ expect }) => {
    const { videos, ids } = createVideos(3);
    await using app = await openWebApp(browser(), { videos });
    await row(app.page).waitFor();
    expect(ids.map((id) => readsOf(app, id))).toEqual([0, 0, 0]);

    await app.page.locator(`[data-key=${ids[1]}] .what`).click();
    await app.page.locator('.facts').waitFor();

    expect(ids.map((id) => readsOf(app, id))).toEqual([0, 1, 0]);
  });

  test('gives the focus back to the row when it closes', async ({ expect }) => {
    const { videos, ids } = createVideos(3);
    await using app = await openWebApp(browser(), { videos });
    const { page } = app;
    await page.locator(`[data-key=${ids[1]}] .what`).click();
    await page.locator('.facts').waitFor();
    await page.keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'detached' });

    await eventually(async () => expect(await readFocus(page)).toBe(ids[1]));
  });

  test('copies its id', async ({ expect }) => {
    await using app = await openWebApp(browser(), {
      videos: [FULL],
      context: { permissions: ['clipboard-read', 'clipboard-write'] },
    });
    const { page } = app;
    await row(page).click();
    await page.getByRole('button', { name: 'Copy the id' }).click();

    await page.getByText('Copied').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe('viFull');
  });

  test('says if the browser does not copy', async ({ expect }) => {
    await using app = await openWebApp(browser(), {
      videos: [FULL],
      prepare: (_context, page) =>
        page.addInitScript("Object.defineProperty(navigator, 'clipboard', { value: undefined })"),
    });
    await row(app.page).click();
    await app.page.getByRole('button', { name: 'Copy the id' }).click();

    await app.page.getByText('Not copied').waitFor();
    expect(await app.page.getByText('Copied', { exact: true }).count()).toBe(0);
  });

  test('deletes it, with a way back', async ({ expect }) => {
    const { videos, ids } = createVideos(2);
    await using app = await openWebApp(browser(), { videos });
    const { page } = app;
    await page.locator(`[data-key=${ids[0]}] .what`).click();
    await dialog(page).getByRole('button', { name: 'Delete' }).click();

    await page.getByText('1 video moved to Removed').waitFor();
    expect(await dialog(page).count()).toBe(0);
    expect(ids.map((id) => app.sandbox.state(id))).toEqual(['removed', 'live']);
    expect(await page.getByRole('button', { name: 'Undo' }).count()).toBe(1);
    await eventually(async () => expect(await readFocus(page)).toBe(ids[1]));
  });
});

describe('of a removed video', () => {
  test('has no player, and says why, how long it is kept, and that Restore helps', async ({ expect }) => {
    const removed = createRemoved(9.5, { videoId: 'viRemoved' });
    await using app = await openWebApp(browser(), { videos: [removed], path: '/removed' });
    const { page } = app;
    await row(page).click();
    await page.getByText('Restore it to play it').waitFor();

    const day = new Intl.DateTimeFormat('en-US', {
      dateStyle: 'medium',
      timeStyle: 'short',
      timeZone: 'UTC',
    }).format(new Date(removed.deletesAt ?? ''));
    expect(await page.locator('.note').innerText()).toBe(
      `A removed video cannot be played. Restore it to play it. 9 days left: api.video destroys it on ${day}.`,
    );
    expect(await page.locator('iframe, img').count()).toBe(0);
    expect(await dialog(page).getByRole('button').allInnerTexts()).toEqual(['', 'Copy', 'Restore', 'Close']);
  });

  test('restores it', async ({ expect }) => {
    await using app = await openWebApp(browser(), {
      videos: [createRemoved(9.5, { videoId: 'viRemoved' })],
      path: '/removed',
    });
    await row(app.page).click();
    await dialog(app.page).getByRole('button', { name: 'Restore' }).click();

    await app.page.getByText('1 video is back in Videos').waitFor();
    expect(app.sandbox.state('viRemoved')).toBe('live');
  });
});

describe('of a video that', () => {
  test('was destroyed meanwhile says so, and offers nothing that cannot be done', async ({ expect }) => {
    await using app = await openWebApp(browser(), { videos: [FULL] });
    await row(app.page).waitFor();
    app.sandbox.destroy('viFull');
    await row(app.page).click();

    await app.page.getByRole('alert').getByText('This video is gone permanently').waitFor();
    expect(await dialog(app.page).getByRole('button').allInnerTexts()).toEqual(['', 'Close']);
  });

  test('was removed meanwhile is shown as removed', async ({ expect }) => {
    await using app = await openWebApp(browser(), { videos: [FULL] });
    await row(app.page).waitFor();
    app.sandbox.remove('viFull');
    await row(app.page).click();

    await app.page.getByText('Restore it to play it').waitFor();
    expect(await app.page.locator('iframe').count()).toBe(0);
  });

  test('could not be read is read again on demand', async ({ expect }) => {
    await using app = await openWebApp(browser(), { videos: [FULL], allow: /500/ });
    const { page } = app;
    await row(page).waitFor();
    const isPreview = (text: string | null) => text?.includes('"operationName":"Video"') === true;
    await page.route('**/graphql', (route) =>
      isPreview(route.request().postData()) ? route.fulfill({ status: 500 }) : route.fallback(),
    );
    await row(page).click();
    await page.getByText('The video could not be read. The gateway answered with an error (500).').waitFor();
    await page.unroute('**/graphql');
    await dialog(page).getByRole('button', { name: 'Try again' }).click();

    await page.getByText('Filmed at dawn.').waitFor();
    expect(await dialog(page).getByRole('alert').count()).toBe(0);
  });

  test('is the probe of the gateway is shown as what it is, without a way to touch it', async ({
    expect,
  }) => {
    await using app = await openWebApp(browser(), { videos: [FULL] });
    const { page } = app;
    // The gateway makes its probe before its first deletion.
    await page.locator('.row .box').click();
    await page.getByRole('button', { name: 'Delete 1 video' }).click();
    await page.getByText('1 video moved to Removed').waitFor();
    await page.getByRole('link', { name: 'Removed' }).click();
    const probe = page.getByRole('row', { name: /^The gateway's test video/ });
    expect(await probe.locator('.box').count()).toBe(0);
    await probe.locator('.what').click();

    await dialog(page).getByText('You cannot select it').waitFor();
    expect(await dialog(page).getByRole('heading').innerText()).toBe("The gateway's test video");
    expect(await dialog(page).getByRole('button').allInnerTexts()).toEqual(['', 'Copy', 'Close']);
    expect(await page.locator('iframe').count()).toBe(0);
  });
});
