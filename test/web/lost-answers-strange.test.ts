// Answers that are none: of a proxy, in part, or without a result. The app takes them for what they are.
import { test } from 'vitest';
import { createShelf } from '../support/create-videos.ts';
import { readTicked, row, watchSent } from '../support/video-list.ts';
import { answerInstead, keepMessages, LOST, panel, pressDelete } from '../support/web-acts.ts';
import { openWebApp, useBrowser } from '../support/web-app.ts';

const browser = useBrowser();
const env = { VIDEO_RESTORE: 'on' };

test.for([
  ['a page of a proxy with status 200', { status: 200, contentType: 'text/html', body: '<h1>Hello</h1>' }],
  ['a page of a proxy with status 502', { status: 502, contentType: 'text/html', body: '<h1>Bad</h1>' }],
  ['a 504', { status: 504, body: '' }],
  [
    'no result and an error',
    { status: 200, json: { data: { deleteVideos: null }, errors: [{ message: 'x' }] } },
  ],
  ['an answer without a result', { status: 200, json: { data: {} } }],
  ['half an answer', { status: 200, contentType: 'application/json', body: '{"data":{"deleteVid' }],
] as const)('%s is no answer', async ([, answer], { expect }) => {
  await using app = await openWebApp(browser(), { env, videos: createShelf(2), allow: LOST });
  const { page } = app;
  await row(page, 'Video 1').waitFor();
  const readSaid = await keepMessages(page);
  await answerInstead(page, 'DeleteVideos', (route) => route.fulfill(answer));
  await pressDelete(page, 'Video 1');

  await panel(page).getByText('It is not known whether 1 video was deleted').waitFor();
  await panel(page).getByText('1 video has not been deleted so far').waitFor();
  expect(await readTicked(page)).toEqual(['Video 1']);
  expect(await readSaid()).toBe('');
});

test('a request that a proxy finds too large was not sent on, and no look is needed', async ({ expect }) => {
  await using app = await openWebApp(browser(), { env, videos: createShelf(2), allow: LOST });
  const { page } = app;
  await answerInstead(page, 'DeleteVideos', (route) => route.fulfill({ status: 413, body: 'Too large' }));
  const sent = watchSent(page);
  await pressDelete(page, 'Video 1');

  await panel(page).getByText('Nothing was deleted.').waitFor();
  expect(await panel(page).innerText()).not.toContain('not known');
  expect(await readTicked(page)).toEqual(['Video 1']);
  expect(sent.map(({ name }) => name)).not.toContain('TrueStates');
});
