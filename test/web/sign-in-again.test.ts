// What happens to a page that is open while its credentials end.
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { type AnsweringProxy, type Seen, startAnsweringProxy } from '../support/answering-proxy.ts';
import { createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { createToken, JWT, key, SECRET } from '../support/issue-jwt.ts';
import { deleteAll } from '../support/operation-strips.ts';
import {
  assertVisible,
  findBarriers,
  openWebApp,
  useBrowser,
  type WebAppOptions,
} from '../support/web-app.ts';

const browser = useBrowser();
const ALL = 'videos:read videos:delete videos:restore';

const dialog = (page: Page) => page.getByRole('dialog', { name: 'Sign in' });
const createTokenOf = (subject: string, scope = ALL) =>
  createToken({ scope }).setSubject(subject).setJti(crypto.randomUUID()).sign(key(SECRET));

async function signIn(page: Page, secret: string): Promise<void> {
  await dialog(page).locator('input[type=password]').fill(secret);
  await dialog(page).getByRole('button', { name: 'Sign in' }).click();
}

/** A page behind a proxy that takes the credentials away which `isRevoked` names, so that the gateway refuses the request. */
async function open(options: WebAppOptions = {}) {
  const revoked = new Set<string>();
  let proxy: AnsweringProxy | undefined;
  const app = await openWebApp(browser(), {
    videos: createVideos(3).videos,
    env: { ...JWT, JWT_SECRET: SECRET },
    dialect: 'removed',
    allow: /401/,
    async through(url) {
      proxy = await startAnsweringProxy(url);
      proxy.decide = ({ headers: { authorization, ...headers } }: Seen) =>
        revoked.has(authorization ?? '') ? { passWith: headers } : undefined;
      return proxy;
    },
    ...options,
  });
  const { seen } = proxy ?? { seen: [] };
  const sentWith = (operation: string) =>
    seen.flatMap((each) => (each.operation === operation ? [each.headers.authorization] : []));
  return {
    app,
    async revoke(token: string) {
      // The page asks for what goes on, too, and must not be the one that finds it out.
      await eventually(() => expect(sentWith('Operations')).toContain(`Bearer ${token}`));
      revoked.add(`Bearer ${token}`);
    },
    /** The requests of this GraphQL operation, by their credentials. */
    sentWith,
    seen,
  };
}

async function tickTwo(page: Page): Promise<void> {
  for (const index of [0, 1]) await page.locator('.row .box').nth(index).click();
}

test('says that a sign-in has ended, not that it was wrong, and goes on with a new token', async ({
  expect,
}) => {
  const { app, revoke, sentWith } = await open();
  await using _ = app;
  const { page } = app;
  const [old, fresh] = await Promise.all([createTokenOf('ann'), createTokenOf('ann')]);
  await signIn(page, old);
  await tickTwo(page);
  await revoke(old);
  await page.getByRole('button', { name: 'Delete 2 videos' }).click();

  await dialog(page).getByText('Your sign-in has ended').waitFor();
  expect(await page.getByText('does not accept this').count()).toBe(0);
  expect(await findBarriers(page)).toEqual([]);
  await assertVisible(page);
  expect(app.writes()).toEqual([]);
  await signIn(page, fresh);
  await page.getByText('2 videos moved to Removed').waitFor();

  expect(sentWith('DeleteVideos')).toEqual([`Bearer ${old}`, `Bearer ${fresh}`]);
  expect(app.writes().length).toBe(2);
});

test('does nothing in the name of somebody else, who must sign out first', async ({ expect }) => {
  const { app, revoke, seen } = await open({ path: '/?title=video' });
  await using _ = app;
  const { page } = app;
  const [anns, bobs] = await Promise.all([createTokenOf('ann'), createTokenOf('bob')]);
  await signIn(page, anns);
  await tickTwo(page);
  await revoke(anns);
  await page.getByRole('button', { name: 'Delete 2 videos' }).click();
  await signIn(page, bobs);

  await dialog(page).getByText('belong to another account').waitFor();
  expect(await findBarriers(page)).toEqual([]);
  expect(seen.filter(({ headers }) => headers.authorization === `Bearer ${bobs}`)).toEqual([]);
  await dialog(page).getByRole('button', { name: 'Sign out' }).click();

  await dialog(page).getByText('Enter an access token').waitFor();
  expect(await page.locator('.row .what').count()).toBe(0);
  expect(new URL(page.url()).search).toBe('');
  await signIn(page, bobs);
  await page.locator('.row .what').nth(2).waitFor();
  expect(await page.getByText(/\d selected/).count()).toBe(0);
  expect(app.writes()).toEqual([]);
});

test('closing the question sends nothing and keeps the ticks; whoever signs in later goes on', async ({
  expect,
}) => {
  const { app, revoke, sentWith } = await open();
  await using _ = app;
  const { page } = app;
  const [old, fresh] = await Promise.all([createTokenOf('ann'), createTokenOf('ann')]);
  await signIn(page, old);
  await tickTwo(page);
  await revoke(old);
  await page.getByRole('button', { name: 'Delete 2 videos' }).click();
  await dialog(page).waitFor();
  await page.keyboard.press('Escape');

  await page.locator('.failed').getByText('You are not signed in').waitFor();
  await page.getByText('2 selected', { exact: true }).waitFor();
  expect(await page.locator('.row .what').count()).toBe(3);
  await page.locator('.head').getByRole('button', { name: 'Sign in' }).click();
  await signIn(page, fresh);
  await eventually(() => expect(sentWith('LiveList').at(-1)).toBe(`Bearer ${fresh}`));
  expect(app.writes()).toEqual([]);
  await page.getByRole('button', { name: 'Delete 2 videos' }).click();
  await page.getByText('2 videos moved to Removed').waitFor();

  expect(app.writes().length).toBe(2);
});

test('all requests that waited are sent again with the new token, and each once', async ({ expect }) => {
  const { app, sentWith } = await open();
  await using _ = app;
  const { page } = app;
  const token = await createTokenOf('ann');
  await dialog(page).waitFor();
  await signIn(page, 'not.a.token');
  await page.getByText('does not accept this').waitFor();
  await signIn(page, token);
  await page.locator('.row .what').nth(2).waitFor();

  for (const operation of ['Viewer', 'LiveList'])
    expect(sentWith(operation).slice(0, 3)).toEqual([undefined, 'Bearer not.a.token', `Bearer ${token}`]);
  expect(sentWith('LiveList').length).toBe(3);
});

test('a new token that allows less takes the boxes away', async ({ expect }) => {
  const { app, revoke } = await open();
  await using _ = app;
  const { page } = app;
  const [old, fresh] = await Promise.all([createTokenOf('ann'), createTokenOf('ann', 'videos:read')]);
  await signIn(page, old);
  await page.locator('.row .box').nth(2).waitFor();
  await revoke(old);
  await page.getByRole('link', { name: 'Removed' }).click();
  await dialog(page).waitFor();
  await signIn(page, fresh);
  await page.getByText('Nothing is removed').waitFor();
  await page.getByRole('link', { name: 'Videos' }).click();

  await page.locator('.row .what').nth(2).waitFor();
  await eventually(async () => expect(await page.locator('.box').count()).toBe(0));
});

test('a stream whose token has expired asks once, and once closed, no more', async ({ expect }) => {
  const { app, revoke, sentWith } = await open({
    videos: createVideos(60).videos,
    limits: { reads: 5_000, writes: 30 },
    windowMs: 600_000,
    allow: /401|ERR_/,
  });
  await using _ = app;
  const { page } = app;
  const expiry = Math.floor(Date.now() / 1000) + 8;
  const token = await createToken({ scope: ALL }).setExpirationTime(expiry).sign(key(SECRET));
  await signIn(page, token);
  await deleteAll(page, 60);
  await eventually(() => expect(sentWith('FollowOperations').length).toBeGreaterThan(0));
  await revoke(token);

  await dialog(page).getByText('Your sign-in has ended').waitFor();
  await dialog(page).getByRole('button', { name: 'Not now' }).click();
  const asked = sentWith('Operations').length;
  await eventually(() => expect(sentWith('Operations').length).toBeGreaterThan(asked));

  expect(await dialog(page).count()).toBe(0);
  expect(sentWith('FollowOperations').length).toBeLessThan(5);
  await page.locator('.head').getByRole('button', { name: 'Sign in' }).waitFor();
});
