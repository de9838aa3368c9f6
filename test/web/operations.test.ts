// More than fifty videos at once: one durable operation, followed in the page, over reloads and tabs.
import { test } from 'vitest';
import { createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { deleteAll, readStrips, recordCalls, waitForStrip } from '../support/operation-strips.ts';
import { openWebApp, useBrowser } from '../support/web-app.ts';

const browser = useBrowser();
const VIDEO_RESTORE = { VIDEO_RESTORE: 'on' };

/** Some twenty are deleted at once. The rest wait for longer than a test takes. */
const HALTED = { limits: { reads: 5_000, writes: 30 }, windowMs: 600_000 };
const HALTS = /\b2\d moved · .* left Cancel$/;
/** Some are deleted each second. */
const STEADY = { limits: { reads: 5_000, writes: 8 }, windowMs: 1_000 };

test('they become one operation with a key, which a subscription follows, and each is deleted once', async ({
  expect,
}) => {
  const { videos, ids } = createVideos(60);
  await using app = await openWebApp(browser(), { videos, env: VIDEO_RESTORE, ...STEADY });
  const calls = recordCalls(app.page);

  const [sent] = await Promise.all([
    app.page.waitForRequest((request) => request.postData()?.includes('DeleteVideos') === true),
    deleteAll(app.page, 60),
  ]);
  const { variables } = sent.postDataJSON();
  await waitForStrip(app.page, /Deleting 60 videos [1-5]\d moved/);
  await waitForStrip(app.page, /^60 videos moved to Removed/);

  expect(variables.options).toEqual({
    background: true,
    idempotencyKey: expect.stringMatching(/^[\w-]{32,36}$/),
    ifPermanent: 'REFUSE',
  });
  expect(new Set(variables.ids)).toEqual(new Set(ids));
  expect(calls.filter((name) => name === 'DeleteVideos')).toHaveLength(1);
  expect(calls.filter((name) => name === 'FollowOperations')).toHaveLength(1);
  expect(calls).not.toContain('Operation');
  expect(calls.filter((name) => name === 'Operations').length).toBeLessThanOrEqual(1);
  expect(app.writes().toSorted()).toEqual(ids.map((id) => `DELETE ${id}`).toSorted());
  await app.page.getByText('No videos yet').waitFor();
});

test('up to fifty go on in the foreground, and nothing is followed', async ({ expect }) => {
  const { videos } = createVideos(50);
  await using app = await openWebApp(browser(), { videos, env: VIDEO_RESTORE });
  const calls = recordCalls(app.page);

  await deleteAll(app.page, 50);
  await app.page.getByText('50 videos moved to Removed').waitFor();

  expect(await readStrips(app.page)).toEqual([]);
  expect(calls).not.toContain('FollowOperations');
});

test('their ticks are dropped, and their rows cannot be ticked until they are settled', async ({
  expect,
}) => {
  const { videos } = createVideos(60);
  await using app = await openWebApp(browser(), { videos, env: VIDEO_RESTORE, ...HALTED });

  await deleteAll(app.page, 60);
  await waitForStrip(app.page, HALTS);

  await eventually(async () => expect(await app.page.locator('.bar').innerText()).toMatch(/\b[34]\d videos/));
  const row = app.page.getByRole('row').first();
  expect(await row.innerText()).toContain('Deleting…');
  expect(await row.getByRole('checkbox').isDisabled()).toBe(true);
  expect(await app.page.getByRole('toolbar', { name: 'Selection' }).count()).toBe(0);
  expect(await app.page.getByLabel('Select all that are loaded').isDisabled()).toBe(true);
});

test('a reload finds it again, with its rows', async ({ expect }) => {
  const { videos } = createVideos(60);
  await using app = await openWebApp(browser(), { videos, env: VIDEO_RESTORE, ...HALTED });
  await deleteAll(app.page, 60);
  await waitForStrip(app.page, HALTS);
  const calls = recordCalls(app.page);

  await app.page.reload();

  await waitForStrip(app.page, HALTS);
  await app.page.getByText('Deleting…').first().waitFor();
  expect(calls.filter((name) => name === 'Operations' || name === 'FollowOperations')).toEqual([
    'Operations',
    'FollowOperations',
  ]);
});

test('in a list of several pages, what is settled leaves without a page being read', async ({ expect }) => {
  const { videos } = createVideos(150);
  await using app = await openWebApp(browser(), { videos, env: VIDEO_RESTORE, ...HALTED });
  await app.page.getByRole('row').first().waitFor();
  await eventually(async () => {
    const height = await app.page.evaluate<number>(
      `(() => { const list = document.querySelector('.list'); list.scrollTop = 1e6; return list.scrollHeight; })()`,
    );
    expect(height).toBeGreaterThan(150 * 70);
  });
  const calls = recordCalls(app.page);
  await deleteAll(app.page, 150);
  await waitForStrip(app.page, HALTS);

  await eventually(async () => {
    const { length } = app.writes();
    expect(length).toBeGreaterThan(19);
    expect(await app.page.locator('.bar').innerText()).toContain(`${150 - length} videos`);
  });
  expect(calls).not.toContain('LiveList');
  await app.page.reload();
  await app.page.getByText('Deleting…').first().waitFor();
});

test('one that ends while the page is loaded again is shown with its end, and the list is as it is then', async ({
  expect,
}) => {
  const { videos, ids } = createVideos(60);
  await using app = await openWebApp(browser(), { videos, env: VIDEO_RESTORE, ...STEADY });
  await deleteAll(app.page, 60);
  await waitForStrip(app.page, /\d moved/);

  await app.page.goto('about:blank');
  await eventually(() => expect(app.writes()).toHaveLength(ids.length));
  await app.page.goto(app.url);

  await waitForStrip(app.page, /^60 videos moved to Removed/);
  await app.page.getByText('No videos yet').waitFor();
  await app.page.getByRole('button', { name: 'Dismiss' }).click();
  await app.page.reload();
  await app.page.getByText('No videos yet').waitFor();
  expect(await readStrips(app.page)).toEqual([]);
});

test('Cancel leaves the rest as it is, Undo restores what was removed, as an operation of its own', async ({
  expect,
}) => {
  const { videos, ids } = createVideos(100);
  await using app = await openWebApp(browser(), { videos, env: VIDEO_RESTORE, ...STEADY });
  await deleteAll(app.page, 100);
  await waitForStrip(app.page, /\d moved/);

  await app.page.getByRole('button', { name: 'Cancel' }).click();
  const ended = await waitForStrip(
    app.page,
    /^\d+ videos moved to Removed · \d+ were left as they are Undo Dismiss$/,
  );
  const [moved = 0, left = 0] = [...ended.matchAll(/\d+/g)].map(Number);
  const deleted = app.writes();
  expect([moved, left]).toEqual([deleted.length, 100 - deleted.length]);
  await app.page.getByText(`${left} videos`, { exact: true }).waitFor();
  await eventually(async () => {
    expect(await app.page.getByText('Deleting…').count()).toBe(0);
    // The button that was pressed is gone.
    expect(await app.page.evaluate('document.activeElement === document.body')).toBe(false);
  });
  app.sandbox.clearRequests();
  await app.page.getByRole('button', { name: 'Undo' }).click();

  await waitForStrip(app.page, /^Restoring \d+ videos/);
  expect(await readStrips(app.page)).toHaveLength(1);
  await waitForStrip(app.page, new RegExp(`^${moved} videos are back in Videos Dismiss$|^1 video is`));
  const undone = deleted.map((write) => write.replace('DELETE', 'RESTORE'));
  expect(app.writes().toSorted()).toEqual(undone.toSorted());
  expect(ids.map((id) => app.sandbox.state(id))).toEqual(ids.map(() => 'live'));
  await app.page.getByText('100 videos', { exact: true }).waitFor();
});

test('why it was not cancelled is told in the strip, which stays', async ({ expect }) => {
  const { videos } = createVideos(60);
  await using app = await openWebApp(browser(), { videos, env: VIDEO_RESTORE, ...HALTED });
  await deleteAll(app.page, 60);
  await waitForStrip(app.page, HALTS);

  const userErrors = [
    { __typename: 'UserError', code: 'OPERATION_NOT_FOUND', field: ['id'], message: 'There is none.' },
  ];
  const cancelOperation = { __typename: 'CancelOperationPayload', operation: null, userErrors };
  await app.page.route('**/graphql', (route) =>
    route.request().postData()?.includes('CancelOperation')
      ? route.fulfill({ json: { data: { cancelOperation } } })
      : route.continue(),
  );
  await app.page.getByRole('button', { name: 'Cancel' }).click();

  await app.page.locator('.strip').getByRole('alert').getByText('There is none.').waitFor();
  expect(await app.page.getByRole('button', { name: 'Cancel' }).isEnabled()).toBe(true);
});

test('the start, some tenths and the end are said aloud', async ({ expect }) => {
  const { videos } = createVideos(60);
  await using app = await openWebApp(browser(), {
    videos,
    env: VIDEO_RESTORE,
    ...STEADY,
    prepare: (_context, page) =>
      page.addInitScript(`
      window.said = [];
      new MutationObserver(() => {
        const text = document.querySelector('p.hidden[role=status]')?.textContent;
        if (text && text !== said.at(-1)) said.push(text);
      }).observe(document, { childList: true, subtree: true, characterData: true })`),
  });

  await deleteAll(app.page, 60);
  await waitForStrip(app.page, /^60 videos moved/);

  const said = await app.page.evaluate<string[]>('said');
  expect(said[0]).toMatch(/^Deleting 60 videos(: \d0 %)?$/);
  expect(said.at(-1)).toBe('60 videos moved to Removed');
  expect(said.slice(1, -1)).not.toEqual([]);
  for (const sentence of said.slice(1, -1)) expect(sentence).toMatch(/^Deleting 60 videos: [1-9]0 %$/);
  expect(new Set(said).size).toBe(said.length);
});

test('another window shows it when it gets the focus', async ({ expect }) => {
  const { videos } = createVideos(60);
  await using app = await openWebApp(browser(), { videos, env: VIDEO_RESTORE, ...HALTED });
  const tab = await app.openTab('/removed');
  await tab.getByText('Nothing is removed').waitFor();
  await deleteAll(app.page, 60);
  await waitForStrip(app.page, HALTS);

  await tab.evaluate(`dispatchEvent(new Event('focus'))`);

  await waitForStrip(tab, HALTS);
  // In Removed, what the operation has settled can be restored.
  await tab.reload();
  await waitForStrip(tab, HALTS);
  await tab.getByRole('row').first().waitFor();
  expect(await tab.getByRole('row').first().getByRole('checkbox').isDisabled()).toBe(false);
});
