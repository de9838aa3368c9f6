import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { captureLog } from '../support/capture-log.ts';
import { createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { createToken, JWT, key, SECRET } from '../support/issue-jwt.ts';
import {
  assertVisible,
  findBarriers,
  openWebApp,
  useBrowser,
  type WebAppOptions,
} from '../support/web-app.ts';

const browser = useBrowser();
const REFUSED = /401 \(Unauthorized\)/;
const PASSTHROUGH = { AUTH: 'passthrough', APIVIDEO_API_KEY: '', VIDEO_RESTORE: 'on' };
const API_KEY = 'the-key-of-this-project';

const dialog = (page: Page) => page.getByRole('dialog', { name: 'Sign in' });

async function signIn(page: Page, secret: string): Promise<void> {
  await dialog(page).locator('input[type=password]').fill(secret);
  await dialog(page).getByRole('button', { name: 'Sign in' }).click();
}

const passthrough = (options: WebAppOptions = {}) =>
  openWebApp(browser(), {
    videos: createVideos(3).videos,
    apiKey: API_KEY,
    env: PASSTHROUGH,
    allow: REFUSED,
    ...options,
  });

const withJwt = (scope: string, options: WebAppOptions = {}) =>
  Promise.all([
    createToken({ scope }).sign(key(SECRET)),
    openWebApp(browser(), {
      videos: createVideos(3).videos,
      env: { ...JWT, JWT_SECRET: SECRET },
      dialect: 'removed',
      allow: REFUSED,
      ...options,
    }),
  ]);

test('with AUTH=passthrough, asks for an API key over the page, and then shows the videos', async () => {
  await using app = await passthrough();
  const { page } = app;
  await dialog(page).waitFor();
  expect(await page.getByRole('alert').count()).toBe(0);
  expect(await findBarriers(page)).toEqual([]);
  await assertVisible(page);

  await signIn(page, API_KEY);

  await page.locator('.row .what').nth(2).waitFor();
  expect(await dialog(page).count()).toBe(0);
});

test('a wrong key is refused in words, and the next one is tried', async () => {
  await using app = await passthrough();
  await signIn(app.page, 'not-the-key');

  await app.page.getByText('does not accept this').waitFor();
  await signIn(app.page, API_KEY);

  await app.page.locator('.row .what').first().waitFor();
});

test('what no header can carry is refused before anything is sent', async () => {
  await using app = await passthrough();
  await dialog(app.page).waitFor();
  await signIn(app.page, 'a key with bläńks');

  await app.page.getByText('a space or an unsupported character').waitFor();
  expect(app.sandbox.requests).toEqual([]);
});

test('the key is in no address, cookie or lasting storage, and no line of the log', async () => {
  const { logger, lines } = captureLog('trace');
  await using app = await passthrough({ logger });
  const addresses: string[] = [];
  app.page.on('request', (request) => addresses.push(request.url()));
  await signIn(app.page, API_KEY);
  await app.page.locator('.row .what').first().waitFor();
  await app.page.locator('.row .box').first().click();
  await app.page.getByRole('button', { name: 'Delete 1 video' }).click();
  await app.page.locator('.toast').waitFor();

  const kept = await app.page.evaluate(() =>
    JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href]),
  );
  const encoded = Buffer.from(`${API_KEY}:`).toString('base64');
  // To api.video it goes as credentials: in the header for them, or where a token is asked for.
  const upstream = app.sandbox.requests.map(
    ({ path, query, headers: { authorization, ...headers }, kind, body }) =>
      JSON.stringify([path, `${query}`, headers, kind === 'auth' ? undefined : body]),
  );
  expect(upstream.length).toBeGreaterThan(2);
  for (const text of [kept, addresses.join(), JSON.stringify(lines), upstream.join()]) {
    expect(text).not.toContain(API_KEY);
    expect(text).not.toContain(encoded);
  }
  expect(await app.context.cookies()).toEqual([]);
});

test('kept in the tab on request, it outlives a reload of this tab, and no other tab has it', async () => {
  await using app = await passthrough();
  await dialog(app.page).getByText('Keep me signed in').click();
  await signIn(app.page, API_KEY);
  await app.page.locator('.row .what').first().waitFor();

  await app.page.reload();
  await app.page.locator('.row .what').first().waitFor();
  const other = await app.openTab();
  await dialog(other).waitFor();

  expect(await dialog(app.page).count()).toBe(0);
});

test('by default, a reload asks again', async () => {
  await using app = await passthrough();
  await signIn(app.page, API_KEY);
  await app.page.locator('.row .what').first().waitFor();

  await app.page.reload();

  await dialog(app.page).waitFor();
});

test('signing out forgets the key and what was shown with it', async () => {
  await using app = await passthrough();
  await dialog(app.page).getByText('Keep me signed in').click();
  await signIn(app.page, API_KEY);
  await app.page.locator('.row .what').first().waitFor();

  await app.page.getByRole('button', { name: 'Sign out' }).click();

  await dialog(app.page).waitFor();
  expect(await app.page.locator('.row .what').count()).toBe(0);
  expect(await app.page.evaluate(() => JSON.stringify(sessionStorage))).toBe('{}');
});

test('closing the question leaves the page and a button, and asks no more by itself', async () => {
  await using app = await passthrough();
  await dialog(app.page).getByRole('button', { name: 'Not now' }).click();
  await app.page.getByText('You are not signed in').first().waitFor();
  await app.page.getByRole('link', { name: 'Removed' }).click();
  await app.page.getByRole('link', { name: 'Videos' }).click();
  expect(await dialog(app.page).count()).toBe(0);

  await app.page.locator('.head').getByRole('button', { name: 'Sign in' }).click();
  await signIn(app.page, API_KEY);

  await app.page.locator('.row .what').first().waitFor();
});

test('a token that expires in the middle keeps the ticks, and what was pressed is done once', async () => {
  const [, app] = await withJwt('');
  await using _ = app;
  const { page } = app;
  const scope = 'videos:read videos:delete videos:restore';
  const short = await createToken({ scope })
    .setExpirationTime(Math.floor(Date.now() / 1000) + 10)
    .sign(key(SECRET));
  const long = await createToken({ scope }).sign(key(SECRET));
  await signIn(page, short);
  await page.locator('.row .box').first().click();
  await page.locator('.row .box').nth(1).click();
  await eventually(async () => {
    const { status } = await fetch(`${app.url}/graphql?query={__typename}`, {
      headers: { authorization: `Bearer ${short}` },
    });
    expect(status).toBe(401);
  });

  await page.getByRole('button', { name: 'Delete 2 videos' }).click();
  await dialog(page).waitFor();
  expect(app.writes()).toEqual([]);
  await signIn(page, long);
  await page.getByText('2 videos moved to Removed').waitFor();

  expect(app.writes().length).toBe(2);
});

test('a caller who may not delete sees the videos without boxes and without Delete', async () => {
  const [token, app] = await withJwt('videos:read');
  await using _ = app;
  await signIn(app.page, token);
  await app.page.locator('.row .what').first().waitFor();
  await eventually(async () => expect(await app.page.locator('.row .box').count()).toBe(0));

  await app.page
    .getByRole('button', { name: /^Actions for/ })
    .first()
    .click();
  await app.page.getByRole('menuitem', { name: 'Copy id' }).waitFor();
  expect(await app.page.getByRole('menuitem', { name: 'Delete' }).count()).toBe(0);
  await app.page.keyboard.press('Escape');
  await app.page.locator('.row').first().focus();
  await app.page.keyboard.press('Delete');

  expect(app.writes()).toEqual([]);
});

test('a caller who may not read is told so', async () => {
  const [token, app] = await withJwt('videos:delete');
  await using _ = app;
  await signIn(app.page, token);

  await app.page.getByRole('heading', { name: 'No access to the videos' }).waitFor();
});
