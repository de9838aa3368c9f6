// A proxy in front of the gateway that signs people in, and whose session ends.
import type { Page } from 'playwright-core';
import { test } from 'vitest';
import { type AnsweringProxy, type Decision, startAnsweringProxy } from '../support/answering-proxy.ts';
import { createVideos } from '../support/create-videos.ts';
import { createToken, JWT, key, SECRET } from '../support/issue-jwt.ts';
import {
  assertVisible,
  findBarriers,
  openWebApp,
  useBrowser,
  type WebAppOptions,
} from '../support/web-app.ts';

const browser = useBrowser();
const dialog = (page: Page) => page.getByRole('dialog', { name: 'Sign in' });

async function open(options: WebAppOptions = {}, decide: AnsweringProxy['decide'] = () => undefined) {
  const proxies: AnsweringProxy[] = [];
  const app = await openWebApp(browser(), {
    videos: createVideos(3).videos,
    env: { VIDEO_RESTORE: 'on' },
    async through(url) {
      const proxy = await startAnsweringProxy(url);
      proxy.decide = decide;
      proxies.push(proxy);
      return proxy;
    },
    ...options,
  });
  const [proxy] = proxies;
  if (!proxy) throw new Error('The app starts its proxy.');
  return { app, proxy };
}

const ANSWERS: readonly (readonly [string, Decision])[] = [
  ['a 401 of its own', { status: 401, headers: { 'content-type': 'text/html' }, body: '<h1>Sign in</h1>' }],
  ['a way to its sign-in page', { status: 302, headers: { location: '/sign-in' } }],
];

test.for(ANSWERS)(
  'a proxy that answers with %s has ended its session: the page offers to be loaded again',
  async ([, answer], { expect }) => {
    const { app, proxy } = await open({ allow: /401/ });
    await using _ = app;
    const { page } = app;
    await page.locator('.row .box').first().click();
    proxy.decide = ({ operation }) => (operation === undefined ? undefined : answer);
    await page.getByRole('button', { name: 'Delete 1 video' }).click();

    await dialog(page).getByText('Your session has ended').waitFor();
    expect(await dialog(page).locator('input').count()).toBe(0);
    expect(await findBarriers(page)).toEqual([]);
    await assertVisible(page);
    proxy.decide = () => undefined;
    await dialog(page).getByRole('button', { name: 'Load again' }).click();

    await page.locator('.row .what').nth(2).waitFor();
    expect(await dialog(page).count()).toBe(0);
    expect(app.writes()).toEqual([]);
    expect(proxy.seen.filter(({ operation }) => operation === 'DeleteVideos').length).toBe(1);
    expect(proxy.seen.map(({ path }) => path)).not.toContain('/sign-in');
  },
);

test('closed, that question leaves the list, the ticks, and a button that asks it again', async ({
  expect,
}) => {
  const { app, proxy } = await open({ allow: /401/ });
  await using _ = app;
  const { page } = app;
  await page.locator('.row .box').first().click();
  proxy.decide = ({ operation }) => (operation === undefined ? undefined : { status: 401 });
  await page.getByRole('button', { name: 'Delete 1 video' }).click();
  await dialog(page).getByRole('button', { name: 'Not now' }).click();

  await page.locator('.failed').getByText('You are not signed in').waitFor();
  await page.getByText('1 selected', { exact: true }).waitFor();
  expect(await page.locator('.row .what').count()).toBe(3);
  await page.locator('.head').getByRole('button', { name: 'Sign in' }).click();
  await dialog(page).getByText('Your session has ended').waitFor();
});

test('a proxy that adds the token spares people every question, and once its session has ended, asks for no token', async ({
  expect,
}) => {
  const token = await createToken({ scope: 'videos:read videos:delete' }).sign(key(SECRET));
  const { app, proxy } = await open(
    {
      env: { ...JWT, JWT_SECRET: SECRET },
      dialect: 'removed',
      allow: /401/,
    },
    ({ headers }) => ({ passWith: { ...headers, authorization: `Bearer ${token}` } }),
  );
  await using _ = app;
  const { page } = app;
  await page.locator('.row .what').nth(2).waitFor();
  expect(await dialog(page).count()).toBe(0);
  expect(await page.getByRole('button', { name: /^Sign/ }).count()).toBe(0);
  // The proxy refuses the parts of the app too, so they must have come.
  await page.waitForLoadState('networkidle');
  proxy.decide = () => ({ status: 401, body: 'Sign in' });
  await page.getByRole('link', { name: 'Removed' }).click();

  await dialog(page).getByText('Your session has ended').waitFor();
  expect(await dialog(page).locator('input').count()).toBe(0);
});
