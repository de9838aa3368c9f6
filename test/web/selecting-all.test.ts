// "Select all": the ids of all that match are read first, and what is sent later is those ids, whatever happens meanwhile.
import type { Page } from 'playwright-core';
import { describe, test } from 'vitest';
import { PROBE_VIDEO } from '../../src/removal/probe.ts';
import { createVideo, type SandboxVideo } from '../../src/sandbox/server.ts';
import { createRemovedVideos, createShelf } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { box, holdBack, readTitles, row, selection, watchSent } from '../support/video-list.ts';
import { openWebApp, useBrowser } from '../support/web-app.ts';

const browser = useBrowser();
const env: Record<string, string> = { VIDEO_RESTORE: 'on' };

async function openShelf(count: number, others: readonly SandboxVideo[] = [], settings = env) {
  const videos = createShelf(count);
  const app = await openWebApp(browser(), { env: settings, videos: [...others, ...videos] });
  await row(app.page, 'Video 1').waitFor();
  const ids = videos.map(({ videoId }) => videoId);
  return {
    app,
    page: app.page,
    ids,
    sent: watchSent(app.page),
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  };
}

async function tickLoaded(page: Page): Promise<void> {
  await page.locator('.bar .box').click();
  await selection(page).getByText('100 selected').waitFor();
}

const selectAll = (page: Page) => selection(page).getByRole('button', { name: /^Select all/ });

test('reads ids by 250, and deletes exactly those: not what is uploaded later, and not the test video of the gateway', async ({
  expect,
}) => {
  await using shelf = await openShelf(300, [createVideo(PROBE_VIDEO)]);
  const { app, page, ids, sent } = shelf;
  await page.getByText("The gateway's test video").waitFor();
  await page.locator('.bar .box').click();
  await selection(page).getByText('99 selected').waitFor();
  await selectAll(page).click();

  await selection(page).getByText('300 selected').waitFor();
  expect(sent.filter(({ name }) => name === 'LiveIds')).toHaveLength(2);
  expect(await selectAll(page).count()).toBe(0);
  app.sandbox.addVideos([createVideo({ title: 'Uploaded later' })]);
  await selection(page).getByRole('button', { name: 'Delete 300 videos' }).click();

  const deletion = await eventually(() => {
    const found = sent.find(({ name }) => name === 'DeleteVideos');
    if (!found?.ids) throw new Error('Not sent yet.');
    return found.ids;
  });
  expect(deletion.toSorted()).toEqual(ids.toSorted());
});

test('in Removed restores all that match', async ({ expect }) => {
  const { videos, ids } = createRemovedVideos(120);
  const other = createRemovedVideos(10).videos.map((video) => ({ ...video, title: 'Other' }));
  await using app = await openWebApp(browser(), {
    env,
    videos: [...videos, ...other],
    path: '/removed?title=Video',
  });
  const sent = watchSent(app.page);
  await app.page.locator('.row .what').first().waitFor();
  await tickLoaded(app.page);
  await selection(app.page).getByRole('button', { name: 'Select all 120 that match' }).click();
  await selection(app.page).getByRole('button', { name: 'Restore 120 videos' }).click();

  await eventually(() =>
    expect(sent.find(({ name }) => name === 'RestoreVideos')?.ids?.toSorted()).toEqual(ids.toSorted()),
  );
});

describe('while ids are collected', () => {
  test('the bar shows how far it is, and Cancel ticks nothing', async ({ expect }) => {
    await using shelf = await openShelf(120);
    const { page, sent } = shelf;
    await tickLoaded(page);
    const release = await holdBack(page, 'LiveIds');
    await selectAll(page).click();
    await selection(page).getByText('Collecting 0 of 120').waitFor();
    await selection(page).getByRole('progressbar', { name: 'Collecting' }).waitFor();
    expect(
      await selection(page)
        .getByRole('button', { name: /Delete/ })
        .count(),
    ).toBe(0);
    await row(page, 'Video 1').focus();
    await page.keyboard.press('Delete');

    await selection(page).getByRole('button', { name: 'Cancel' }).click();
    await selection(page).getByText('100 selected').waitFor();
    release();
    await selectAll(page).click();
    await selection(page).getByText('120 selected').waitFor();
    expect(sent.filter(({ name }) => name === 'DeleteVideos')).toEqual([]);
  });

  test('another filter stops it', async ({ expect }) => {
    await using shelf = await openShelf(120);
    const { page } = shelf;
    await tickLoaded(page);
    const release = await holdBack(page, 'LiveIds');
    await selectAll(page).click();
    await selection(page).getByText('Collecting').waitFor();
    await page.keyboard.press('/');
    await page.getByLabel('Search titles').fill('Video 12');
    await eventually(async () => expect(await readTitles(page)).toEqual(['Video 12', 'Video 120']));
    release();

    await page.getByRole('button', { name: '100 selected' }).click();
    await selection(page).getByText('100 selected').waitFor();
    await selection(page).getByText('99 not in view').waitFor();
  });

  test('another tab stops it', async () => {
    await using shelf = await openShelf(120);
    const { page } = shelf;
    await tickLoaded(page);
    const release = await holdBack(page, 'LiveIds');
    await selectAll(page).click();
    await selection(page).getByText('Collecting').waitFor();
    await page.getByRole('link', { name: 'Removed' }).click();
    await page.getByText('Nothing is removed').waitFor();
    release();

    await page.getByRole('link', { name: 'Videos' }).click();
    await selection(page).getByText('100 selected').waitFor();
  });

  test('a tick that is taken away stays away', async () => {
    await using shelf = await openShelf(120);
    const { page } = shelf;
    await tickLoaded(page);
    const release = await holdBack(page, 'LiveIds');
    await selectAll(page).click();
    await selection(page).getByText('Collecting').waitFor();
    await box(page, 'Video 2').click();
    release();

    await selection(page).getByText('119 selected').waitFor();
  });

  test('a read that fails ticks nothing, says so, and can be tried again', async () => {
    await using shelf = await openShelf(120);
    const { app, page } = shelf;
    await tickLoaded(page);
    app.sandbox.setFault(({ path }) =>
      path === '/videos'
        ? { kind: 'answer', acts: false, status: 400, body: '{"title":"broken"}' }
        : undefined,
    );
    await selectAll(page).click();
    await selection(page).getByRole('alert').waitFor();
    await selection(page).getByText('100 selected').waitFor();

    app.sandbox.setFault(undefined);
    await selectAll(page).click();
    await selection(page).getByText('120 selected').waitFor();
  });
});

test('the test video of the gateway cannot be ticked', async ({ expect }) => {
  await using shelf = await openShelf(3, [createVideo(PROBE_VIDEO)]);
  const { page } = shelf;
  const probe = row(page, "The gateway's test video");
  await probe.waitFor();
  expect(await probe.locator('.box').count()).toBe(0);
  await box(page, 'Video 1').click();
  await probe.focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('Delete');
  await page.keyboard.press('Control+a');

  await selection(page)
    .getByText(/^[23] selected$/)
    .waitFor();
  expect(await probe.getAttribute('aria-selected')).not.toBe('true');
});

test('more than one call takes is told before anything is sent', async ({ expect }) => {
  await using shelf = await openShelf(12, [], { ...env, MAX_IDS: '5', MAX_BACKGROUND_IDS: '10' });
  const { page, sent } = shelf;
  await page.locator('.bar .box').click();
  await selection(page).getByText('At most 10 at a time').waitFor();
  expect(await selection(page).getByRole('button', { name: 'Delete 12 videos' }).isDisabled()).toBe(true);
  await row(page, 'Video 1').focus();
  await page.keyboard.press('Delete');
  expect(sent.filter(({ name }) => name === 'DeleteVideos')).toEqual([]);

  await box(page, 'Video 1').click();
  await box(page, 'Video 2').click();
  await selection(page).getByRole('button', { name: 'Delete 10 videos' }).click();
  await eventually(() => expect(sent.find(({ name }) => name === 'DeleteVideos')?.ids).toHaveLength(10));
});
