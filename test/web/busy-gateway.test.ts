// A gateway that has no place for a request of the page, because it works on somebody else's.
import { test } from 'vitest';
import { createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { openWebApp, useBrowser, type WebApp } from '../support/web-app.ts';

const browser = useBrowser();

/** Takes the only place until it is released: api.video does not answer. */
async function takePlace({ sandbox, url }: WebApp) {
  const leaving = new AbortController();
  sandbox.setFault(({ query }) =>
    query.get('title') === 'never' ? { kind: 'hang', acts: false } : undefined,
  );
  const before = sandbox.requests.length;
  const held = fetch(`${url}/graphql?query={videos(filter:{title:"never"}){totalCount}}`, {
    signal: leaving.signal,
  }).catch(() => {});
  await eventually(() => {
    if (sandbox.requests.length === before) throw new Error('It has not arrived yet.');
  });
  return async () => {
    leaving.abort();
    await held;
  };
}

function recordStatuses({ page }: WebApp): number[] {
  const statuses: number[] = [];
  page.on('response', (response) => {
    if (response.request().postData()?.includes('DeleteVideos')) statuses.push(response.status());
  });
  return statuses;
}

const open = () =>
  openWebApp(browser(), {
    videos: createVideos(3).videos,
    env: { VIDEO_RESTORE: 'on', MAX_REQUESTS: '1' },
    allow: /503/,
  });

test('a deletion that finds no place waits and is sent once more, and deletes once', async ({ expect }) => {
  await using app = await open();
  const { page } = app;
  const statuses = recordStatuses(app);
  await page.locator('.row .box').first().click();
  const leave = await takePlace(app);
  await page.getByRole('button', { name: 'Delete 1 video' }).click();
  await eventually(() => expect(statuses).toEqual([503]));
  await leave();

  await page.getByText('1 video moved to Removed').waitFor();

  expect(statuses).toEqual([503, 200]);
  expect(app.writes().length).toBe(1);
});

test('while there is no place at all, nothing is sent a third time, and the ticks stay for the next attempt', async ({
  expect,
}) => {
  await using app = await open();
  const { page } = app;
  const statuses = recordStatuses(app);
  await page.locator('.row .box').first().click();
  const leave = await takePlace(app);
  await page.getByRole('button', { name: 'Delete 1 video' }).click();

  await page.locator('.failed').getByText('too much to do').waitFor();
  expect(statuses).toEqual([503, 503]);
  await page.getByText('1 selected', { exact: true }).waitFor();
  await leave();
  await page.getByRole('button', { name: 'Delete 1 video' }).click();
  await page.getByText('1 video moved to Removed').waitFor();

  expect(app.writes().length).toBe(1);
});
