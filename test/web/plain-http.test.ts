// The app from another machine without TLS: browsers keep some of their functions back from such pages.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, test } from 'vitest';
import { startBrowser } from '../support/browser.ts';
import { createVideos } from '../support/create-videos.ts';
import { deleteAll, waitForStrip } from '../support/operation-strips.ts';
import { openWebApp } from '../support/web-app.ts';

const HOST = 'videos.test';
let browser: Browser;

beforeAll(async () => {
  browser = await startBrowser([
    `--host-resolver-rules=MAP ${HOST} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1`,
  ]);
}, 120_000);
afterAll(() => browser.close());

test('deletes many videos as an operation, which needs a key, and takes that back', async ({ expect }) => {
  await using app = await openWebApp(browser, {
    videos: createVideos(60).videos,
    env: { VIDEO_RESTORE: 'on', ALLOWED_HOSTS: HOST },
    // Chromium says that it ignores the header for such pages.
    allow: /Cross-Origin-Opener-Policy/,
    through: async (url) => ({ url: url.replace('127.0.0.1', HOST), close: async () => {} }),
  });
  const { page } = app;
  expect(await page.evaluate(() => isSecureContext)).toBe(false);
  await deleteAll(page, 60);

  await waitForStrip(page, /60 videos moved to Removed/);
  await page.getByRole('button', { name: 'Undo' }).click();
  await waitForStrip(page, /60 videos are back|60 videos restored/);
});
