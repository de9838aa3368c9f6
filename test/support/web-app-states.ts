// The states of the web app that somebody can meet, and how to get there. Each is looked at by the same checks.
import type { Page } from 'playwright-core';
import { createVideo } from '../../src/sandbox/server.ts';
import { createVideos } from './create-videos.ts';
import { createRemoved, STRANGE_VIDEOS } from './strange-videos.ts';
import type { WebApp, WebAppOptions } from './web-app.ts';

export type State = {
  readonly name: string;
  readonly options?: WebAppOptions;
  /** Goes on from the page that has just opened, until the state shows. */
  readonly reach: (app: WebApp) => Promise<unknown>;
};

const REMOVED_VIDEOS = [createRemoved(0.5), createRemoved(3.5), createRemoved(40, { public: false })];

export const row = (page: Page, index = 0) => page.locator('.row .what').nth(index);

export async function tick(page: Page, ...indices: readonly number[]): Promise<void> {
  for (const index of indices) await page.locator('.row .box').nth(index).click();
}

const pressDelete = (page: Page) => page.getByRole('button', { name: /^Delete \d/ }).click();

async function startOperation(page: Page): Promise<void> {
  await row(page).waitFor();
  await page.locator('.bar .box').click();
  await pressDelete(page);
  await page.locator('.strip').waitFor();
}

const isMutation = (text: string | null) => /"query":\s*"mutation|"mutation /.test(text ?? '');

export const STATES: readonly State[] = [
  { name: 'Videos', options: { videos: STRANGE_VIDEOS }, reach: ({ page }) => row(page).waitFor() },
  { name: 'one video', options: { videos: [createVideo()] }, reach: ({ page }) => row(page).waitFor() },
  {
    name: 'no videos',
    options: { videos: [] },
    reach: ({ page }) => page.getByText('No videos yet').waitFor(),
  },
  {
    name: 'nothing removed',
    options: { videos: [], path: '/removed' },
    reach: ({ page }) => page.getByText('Nothing is removed').waitFor(),
  },
  {
    name: 'no match',
    options: { videos: STRANGE_VIDEOS, path: '/?title=nothing' },
    reach: ({ page }) => page.getByText('No video matches').waitFor(),
  },
  {
    name: 'reading the list',
    options: {
      videos: STRANGE_VIDEOS,
      prepare: (_context, page) => page.route('**/graphql', () => {}),
    },
    reach: ({ page }) => page.getByRole('status', { name: 'Reading the list' }).waitFor(),
  },
  {
    name: 'a list that could not be read',
    options: {
      allow: /503/,
      prepare: (_context, page) => page.route('**/graphql', (route) => route.fulfill({ status: 503 })),
    },
    reach: ({ page }) => page.getByRole('button', { name: 'Try again' }).waitFor(),
  },
  {
    name: 'ticked videos',
    options: { videos: STRANGE_VIDEOS },
    reach: ({ page }) => tick(page, 0, 1),
  },
  {
    name: 'all loaded videos ticked',
    options: { videos: createVideos(120).videos },
    async reach({ page }) {
      await row(page).waitFor();
      await page.locator('.bar .box').click();
      await page.getByRole('button', { name: 'Select all 120' }).waitFor();
    },
  },
  {
    name: 'collecting ids',
    options: { videos: createVideos(120).videos },
    async reach({ page }) {
      await row(page).waitFor();
      await page.locator('.bar .box').click();
      await page.route('**/graphql', () => {});
      await page.getByRole('button', { name: 'Select all 120' }).click();
      await page.getByRole('progressbar').waitFor();
    },
  },
  {
    name: 'the menu of a row',
    options: { videos: STRANGE_VIDEOS },
    async reach({ page }) {
      await page
        .getByRole('button', { name: /^Actions for/ })
        .first()
        .click();
      await page.getByRole('menuitem', { name: 'Preview' }).waitFor();
    },
  },
  {
    name: 'the preview of a video',
    options: { videos: STRANGE_VIDEOS },
    async reach({ page }) {
      await page.locator('[data-key=viLong] .what').click();
      await page.getByText('A key of several words').waitFor();
    },
  },
  {
    name: 'the preview of a removed video',
    options: { videos: REMOVED_VIDEOS, path: '/removed' },
    async reach({ page }) {
      await row(page).click();
      await page.getByText('Restore it to play it').waitFor();
    },
  },
  {
    name: 'a preview that is being read',
    options: { videos: STRANGE_VIDEOS },
    async reach({ page }) {
      await row(page).waitFor();
      await page.route('**/graphql', () => {});
      await row(page).click();
      await page.getByText('Reading the video').waitFor();
    },
  },
  {
    name: 'the preview of a video that is gone',
    options: { videos: STRANGE_VIDEOS },
    async reach({ page, sandbox }) {
      await row(page).waitFor();
      for (const { videoId } of STRANGE_VIDEOS) sandbox.destroy(videoId);
      await row(page).click();
      await page.getByText('This video is gone permanently').waitFor();
    },
  },
  {
    name: 'videos being deleted',
    options: { videos: STRANGE_VIDEOS },
    async reach({ page }) {
      await tick(page, 0, 1);
      await page.route('**/graphql', (route) =>
        isMutation(route.request().postData()) ? undefined : route.continue(),
      );
      await pressDelete(page);
      await page.locator('.row').getByText('Deleting…').first().waitFor();
    },
  },
  {
    name: 'a message with Undo',
    options: { videos: STRANGE_VIDEOS },
    async reach({ page }) {
      await tick(page, 0);
      await pressDelete(page);
      await page.getByRole('button', { name: 'Undo' }).waitFor();
    },
  },
  {
    name: 'failures',
    options: { videos: STRANGE_VIDEOS },
    async reach({ page, sandbox }) {
      await tick(page, 0, 1, 2);
      for (const { videoId } of STRANGE_VIDEOS) sandbox.destroy(videoId);
      await pressDelete(page);
      await page.locator('.failed').waitFor();
    },
  },
  {
    name: 'the question before a permanent deletion',
    options: { videos: STRANGE_VIDEOS, videoRestore: false },
    async reach({ page }) {
      await tick(page, 0, 1, 2);
      await pressDelete(page);
      await page.getByRole('alertdialog').waitFor();
    },
  },
  {
    name: 'Removed',
    options: { videos: REMOVED_VIDEOS, path: '/removed' },
    reach: ({ page }) => row(page).waitFor(),
  },
  {
    name: 'an operation that goes on',
    options: { videos: createVideos(60).videos, limits: { reads: 5000, writes: 30 } },
    async reach({ page }) {
      await startOperation(page);
      await page.getByRole('button', { name: 'Cancel' }).waitFor();
    },
  },
  {
    name: 'an operation that was cancelled',
    options: { videos: createVideos(60).videos, limits: { reads: 5000, writes: 30 } },
    async reach({ page }) {
      await startOperation(page);
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.locator('.strip').getByRole('button', { name: 'Undo' }).waitFor();
    },
  },
  {
    name: 'the failures of an operation',
    options: { videos: createVideos(60).videos },
    async reach({ page, sandbox }) {
      await row(page).waitFor();
      for (const { videoId } of sandbox.videos().slice(0, 15)) sandbox.destroy(videoId);
      await startOperation(page);
      await page.getByRole('button', { name: /^Show the/ }).click();
      await page.locator('.strip li').first().waitFor();
    },
  },
  {
    name: 'the question for credentials',
    options: { env: { AUTH: 'passthrough', APIVIDEO_API_KEY: '' }, allow: /401/ },
    reach: ({ page }) => page.getByRole('dialog', { name: 'Sign in' }).waitFor(),
  },
  {
    name: 'credentials that cannot be right',
    options: { env: { AUTH: 'passthrough', APIVIDEO_API_KEY: '' }, allow: /401/ },
    async reach({ page }) {
      await page.getByLabel('API key').fill('no key');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.locator('.problem').waitFor();
    },
  },
  {
    name: 'signing in put off',
    options: { env: { AUTH: 'passthrough', APIVIDEO_API_KEY: '' }, allow: /401/ },
    async reach({ page }) {
      await page.getByRole('button', { name: 'Not now' }).click();
      await page.getByText('You are not signed in.').waitFor();
    },
  },
];
