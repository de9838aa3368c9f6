// Who refused: api.video itself, or something in between.
import { expect, test } from 'vitest';
import { isFailure, readRefusal } from '../../src/upstream/refusal.ts';

const LINK = 'https://docs.api.video/reference/invalid-attribute';
const toAnswer = (status: number, body: unknown) => ({ status, body: Buffer.from(JSON.stringify(body)) });

test.each([
  ['the usual one', { type: LINK, title: 'No.', status: 400 }, 'invalid-attribute'],
  ['one with a link alone', { type: LINK }, 'invalid-attribute'],
  [
    'one with an older link',
    { type: 'https://docs.api.video/problems/ressource.not_found' },
    'ressource.not_found',
  ],
  ['one with nulls', { type: LINK, title: null, name: null, status: null }, 'invalid-attribute'],
  [
    'the documented one without a type',
    { title: 'Out of range.', name: 'page', status: 400, problems: [{ name: 'page' }] },
    undefined,
  ],
])('%s is api.video’s', (_name, body, type) => {
  expect(readRefusal(toAnswer(400, body))).toMatchObject({ status: 400, type });
  expect(isFailure(toAnswer(400, body))).toBe(false);
});

test.each([
  ['no object', 'Forbidden'],
  ['null', null],
  ['a list', [{ type: LINK }]],
  ['an empty object', {}],
  ['the JSON of a proxy', { message: 'Forbidden' }],
  ['a document of another maker', { type: 'about:blank', title: 'Forbidden', status: 400 }],
  ['one without a type or a name', { title: 'Forbidden', status: 400 }],
  ['one without a type or a status', { title: 'Forbidden', name: 'page', problems: [{}] }],
  ['one without a type or problems', { title: 'Forbidden', name: 'x', status: 400 }],
  ['one without a type, with an empty list', { title: 'Forbidden', name: 'x', status: 400, problems: [] }],
  ['one of another host', { type: 'https://docs.api.video.example.com/reference/a', status: 400 }],
  ['one of a host that ends alike', { type: 'https://notapi.video/reference/a', status: 400 }],
  ['one with a link of another kind', { type: 'javascript://docs.api.video/a', status: 400 }],
  ['one whose type is no link', { type: 'invalid-attribute', name: 'a', title: 'No.', status: 400 }],
  ['one of another status', { type: LINK, status: 404 }],
  ['one whose status is a text', { type: LINK, status: '400' }],
  ['one of more than 64 KiB', { type: LINK, status: 400, detail: 'x'.repeat(65_536) }],
])('%s is not', (_name, body) => {
  expect(readRefusal(toAnswer(400, body))).toBeUndefined();
  expect(isFailure(toAnswer(400, body))).toBe(true);
});

test.each([403, 404, 409])('a %i without a type is not api.video’s, whatever else it has', (status) => {
  const body = { title: 'Conflict', name: 'x', status, problems: [{ name: 'x' }] };
  expect(readRefusal(toAnswer(status, body))).toBeUndefined();
});

test('a byte order mark before the document is skipped', () => {
  const body = Buffer.from(`\ufeff${JSON.stringify({ type: LINK, status: 400 })}`);
  expect(readRefusal({ status: 400, body })).toMatchObject({ type: 'invalid-attribute' });
});

test.each([200, 304, 500, 503])('a document with status %i is no refusal', (status) => {
  expect(readRefusal(toAnswer(status, { type: LINK, status }))).toBeUndefined();
  expect(isFailure(toAnswer(status, { type: LINK, status }))).toBe(status >= 500);
});

test.each([200, 302, 401, 429])('%i is no failure, whoever sends it', (status) => {
  expect(isFailure({ status, body: Buffer.from('<html>') })).toBe(false);
});

test('a title is one line of at most 200 characters without addresses, and a type a short word', () => {
  const read = (body: object) => readRefusal(toAnswer(400, { type: LINK, ...body }));

  expect(read({ title: ' a\r\n\u2028\u0007\u200b b\ud800 ' })?.title).toBe('a b');
  expect(read({ title: '\u0000 \n' })?.title).toBeUndefined();
  expect(read({ title: 'Not allowed. See https://docs.api.video/a(b).' })?.title).toBe('Not allowed. See …');
  expect(read({ title: 'GET WS.API.VIDEO/videos/vi1 failed' })?.title).toBe('GET … failed');
  expect(read({ title: 'https://docs.api.video/reference/a' })?.title).toBeUndefined();
  expect(read({ title: '😀'.repeat(300) })?.title).toBe(`${'😀'.repeat(200)}…`);
  expect(read({ type: 'https://docs.api.video/' })).toEqual({
    status: 400,
    type: undefined,
    title: undefined,
  });
  expect(read({ type: 'https://docs.api.video/reference/invalid-attribute/' })?.type).toBe(
    'invalid-attribute',
  );
  expect(read({ type: `https://docs.api.video/reference/<b>${'a'.repeat(300)}/` })?.type).toMatch(
    /^[\w.-]{100}$/,
  );
});
