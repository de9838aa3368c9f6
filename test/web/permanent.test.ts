// Video Restore is off: a deletion would be permanent, so it takes typing, and nothing is destroyed before.
import type { Page } from 'playwright-core';
import { test } from 'vitest';
import { createShelf } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { box, readFocus, readTicked, readTitles, row, selection, watchSent } from '../support/video-list.ts';
import { pressDelete, question, undo } from '../support/web-acts.ts';
import { openWebApp, useBrowser } from '../support/web-app.ts';

const browser = useBrowser();

const field = (page: Page) => question(page).getByRole('textbox');
const confirm = (page: Page) => question(page).getByRole('button', { name: 'Delete permanently' });

async function askFor(page: Page, ...titles: readonly string[]): Promise<void> {
  await pressDelete(page, ...titles);
  await question(page).waitFor();
}

test('nothing is destroyed before the words are typed, and then only what was refused is sent, with ALLOW', async ({
  expect,
}) => {
  const videos = createShelf(4);
  const ids = [0, 2].map((index) => videos[index]?.videoId);
  await using app = await openWebApp(browser(), { videos, videoRestore: false });
  const { page, sandbox } = app;
  await row(page, 'Video 1').waitFor();
  const sent = watchSent(page);
  await askFor(page, 'Video 1', 'Video 3');

  expect(await question(page).innerText()).toContain('These videos have not been deleted yet.');
  expect(await question(page).getByRole('listitem').allInnerTexts()).toEqual(['Video 1', 'Video 3']);
  expect(await readFocus(page)).toBe('BUTTON');
  expect(await page.evaluate('document.activeElement.textContent')).toBe('Keep the videos');
  expect(await confirm(page).isDisabled()).toBe(true);
  for (const wrong of ['delete', 'delete 3', 'delete 22']) {
    await field(page).fill(wrong);
    await field(page).press('Enter');
    expect(await confirm(page).isDisabled()).toBe(true);
  }
  expect(app.writes()).toEqual([]);

  await field(page).fill(' Delete  2 ');
  await field(page).press('Enter');
  await page.getByText('2 videos deleted permanently').waitFor();
  await eventually(async () => expect(await readTitles(page)).toEqual(['Video 2', 'Video 4']));
  expect(sent.map(({ name, ids, options }) => ({ name, ids, options }))).toEqual([
    { name: 'DeleteVideos', ids, options: { ifPermanent: 'REFUSE' } },
    { name: 'DeleteVideos', ids, options: { ifPermanent: 'ALLOW' } },
  ]);
  expect(app.writes().toSorted()).toEqual(ids.map((id) => `DELETE ${id}`).toSorted());
  expect(videos.map(({ videoId }) => sandbox.state(videoId))).toEqual(['absent', 'live', 'absent', 'live']);
  expect(await undo(page).count()).toBe(0);
  await eventually(async () => expect(await readFocus(page)).not.toBe('BODY'));
});

test.for(['Escape', 'the button'])(
  '%s keeps the videos and their ticks, and the focus returns',
  async (way, { expect }) => {
    await using app = await openWebApp(browser(), { videos: createShelf(3), videoRestore: false });
    const { page } = app;
    await askFor(page, 'Video 1', 'Video 2');
    await field(page).fill('delete 2');
    if (way === 'Escape') await page.keyboard.press('Escape');
    else await question(page).getByRole('button', { name: 'Keep the videos' }).click();
    await question(page).waitFor({ state: 'detached' });

    expect(await readTicked(page)).toEqual(['Video 1', 'Video 2']);
    await eventually(async () =>
      expect(await page.evaluate('document.activeElement.textContent')).toBe('Delete 2 videos'),
    );
    expect(app.writes()).toEqual([]);

    // What was typed before counts no more.
    await page.keyboard.press('Enter');
    await question(page).waitFor();
    expect(await field(page).inputValue()).toBe('');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Keep the videos');
  },
);

test('a row menu comes back to its row, and only its video is asked for', async ({ expect }) => {
  await using app = await openWebApp(browser(), { videos: createShelf(3), videoRestore: false });
  const { page } = app;
  await box(page, 'Video 1').click();
  await row(page, 'Video 2').getByRole('button').click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await question(page).waitFor();

  expect(await question(page).getByRole('listitem').allInnerTexts()).toEqual(['Video 2']);
  await page.keyboard.press('Escape');
  await question(page).waitFor({ state: 'detached' });
  expect(await readTicked(page)).toEqual(['Video 1']);
  await eventually(async () => expect(await readFocus(page)).toBe('Video 2'));
});

test('videos that are switched off in the middle of a deletion are asked for, the others can be undone', async ({
  expect,
}) => {
  const videos = createShelf(2);
  const [first, second] = videos.map(({ videoId }) => videoId);
  await using app = await openWebApp(browser(), { videos });
  const { page } = app;
  // As if the gateway had noticed in between: one was moved, and the other one refused.
  await page.route('**/graphql', async (route) => {
    const body = route.request().postDataJSON();
    if (body?.operationName !== 'DeleteVideos' || body.variables.options.ifPermanent !== 'REFUSE')
      return route.continue();
    const answer = await route.fetch({
      postData: { ...body, variables: { ...body.variables, ids: [first] } },
    });
    const json = await answer.json();
    json.data.deleteVideos.results.push({
      __typename: 'VideoFailure',
      videoId: second,
      code: 'PERMANENT_DELETION_REFUSED',
      message: 'Video Restore is off.',
      retryable: false,
      retryAfterSeconds: null,
    });
    await route.fulfill({ response: answer, json });
  });
  await askFor(page, 'Video 1', 'Video 2');

  expect(await question(page).getByRole('listitem').allInnerTexts()).toEqual(['Video 2']);
  expect(await question(page).innerText()).toContain('This video has not been deleted yet.');
  await page.getByText('1 video moved to Removed').waitFor();
  await page.keyboard.press('Escape');
  await question(page).waitFor({ state: 'detached' });
  expect(await readTicked(page)).toEqual(['Video 2']);
  await undo(page).click();
  await page.getByText('1 video is back in Videos').waitFor();
  expect(app.writes()).toEqual([`DELETE ${first}`, `RESTORE ${first}`]);
});

test('five titles are named, those that are the same with their ids, and long ones are cut', async ({
  expect,
}) => {
  const [first, second, third, ...others] = createShelf(8);
  const videos = [first, second, third, ...others].flatMap((video, index) =>
    video ? [{ ...video, title: index < 2 ? 'Same' : index === 2 ? 'x'.repeat(500) : video.title }] : [],
  );
  await using app = await openWebApp(browser(), { videos, videoRestore: false });
  const { page } = app;
  await row(page, 'Video 8').waitFor();
  await page.locator('.bar .box').click();
  await page.getByRole('button', { name: 'Delete 8 videos' }).click();
  await question(page).waitFor();

  expect(await question(page).getByRole('listitem').allInnerTexts()).toEqual([
    `Same (${first?.videoId})`,
    `Same (${second?.videoId})`,
    `${'x'.repeat(79)}…`,
    'Video 4',
    'Video 5',
    'and 3 more',
  ]);
  await field(page).fill('delete 8');
  const place = await confirm(page).boundingBox();
  expect((place?.y ?? 1_000) + (place?.height ?? 0)).toBeLessThan(800);
});

test('more than fifty go on in the background once they are confirmed', async ({ expect }) => {
  const videos = createShelf(60);
  await using app = await openWebApp(browser(), { videos, videoRestore: false });
  const { page } = app;
  await row(page, 'Video 1').waitFor();
  const sent = watchSent(page);
  await page.locator('.bar .box').click();
  await selection(page).getByRole('button', { name: 'Delete 60 videos' }).click();
  await page.locator('.strip').getByRole('button', { name: 'Delete 60 videos permanently' }).click();
  await field(page).fill('delete 60');
  expect(app.writes()).toEqual([]);
  await confirm(page).click();

  await page.locator('.strip').getByText('60 videos deleted permanently').waitFor();
  const calls = sent.filter(({ name }) => name === 'DeleteVideos');
  expect(calls.map(({ options }) => options)).toEqual([
    { background: true, ifPermanent: 'REFUSE', idempotencyKey: expect.any(String) },
    { background: true, ifPermanent: 'ALLOW', idempotencyKey: expect.any(String) },
  ]);
  expect(app.writes()).toHaveLength(60);
});

/** Holds the answer to the first deletion until `release` is called, and then gives it without a further task. */
const HOLD_FIRST = `
  const send = fetch;
  let deletions = 0;
  window.fetch = async (input, init) => {
    const isHeld = typeof init?.body === 'string' && init.body.includes('DeleteVideos') && ++deletions === 1;
    const response = await send(input, init);
    if (!isHeld) return response;
    const text = await response.text();
    await new Promise((resolve) => { window.release = resolve; });
    const held = new Response(text, response);
    held.text = async () => text;
    return held;
  };`;

test('what is refused between the last key and the press is asked about anew, and not deleted', async ({
  expect,
}) => {
  const videos = createShelf(6);
  await using app = await openWebApp(browser(), {
    videos,
    videoRestore: false,
    prepare: (context) => context.addInitScript(HOLD_FIRST),
  });
  const { page } = app;
  await row(page, 'Video 1').waitFor();
  const sent = watchSent(page);
  await pressDelete(page, 'Video 1', 'Video 2', 'Video 3');
  await page.getByRole('button', { name: 'Clear', exact: true }).click();
  await row(page, 'Video 6').focus();
  await page.keyboard.press('Delete');
  await question(page).waitFor();
  await field(page).fill('delete 1');

  await page.evaluate(`(async () => {
    window.release();
    // The answer is read by now, and the dialog not yet drawn again.
    for (let turn = 0; turn < 3000; turn++) await null;
    document.querySelector('.dialog form').requestSubmit();
  })()`);
  await page.getByText('1 video deleted permanently').waitFor();
  await question(page).getByText('Delete 3 videos permanently?').waitFor();

  const allowed = sent.filter(({ options }) => JSON.stringify(options ?? {}).includes('ALLOW'));
  expect(allowed.map(({ ids }) => ids)).toEqual([[videos[5]?.videoId]]);
  expect(app.writes()).toEqual([`DELETE ${videos[5]?.videoId}`]);
});
