import { expect, test } from 'vitest';
import { readRateLimit } from '../../src/upstream/rate-limit-headers.ts';

const DATE = 'Thu, 26 Nov 2026 14:00:00 GMT';
const NOW = Date.parse(DATE);

/** @param fields - the limit, what remains and the reset, in api.video's own headers; undefined for none. */
const read = (
  [limit, remaining, reset]: readonly (string | string[] | undefined)[],
  status = 200,
  more: Record<string, string> = {},
) => {
  const {
    limit: l,
    remaining: r,
    retryAfterSeconds: t,
  } = readRateLimit(status, {
    date: DATE,
    ...(limit !== undefined && { 'x-ratelimit-limit': limit }),
    ...(remaining !== undefined && { 'x-ratelimit-remaining': remaining }),
    ...(reset !== undefined && { 'x-ratelimit-retry-after': reset }),
    ...more,
  } as Record<string, string>);
  return [l, r, t];
};

test.each<[string, (string | string[] | undefined)[], (number | undefined)[]]>([
  ['whole numbers', ['200', '150', '30'], [200, 150, 30]],
  ['fractions, to the cautious side', ['200.9', '150.9', '12.1'], [200, 150, 13]],
  ['exponents', ['2e2', '1.5E+2', '3e1'], [200, 150, 30]],
  ['blanks and quotes', [' 200 ', '\t150', '"30"'], [200, 150, 30]],
  [
    'two headers',
    [
      ['200', '200'],
      ['150', '149'],
      ['29', '30'],
    ],
    [200, 149, 30],
  ],
  ['values that a proxy joined', ['200, 200', '150,150', '30 , 30'], [200, 150, 30]],
  ['policies, which give way', ['200, 10;w=1, 200;w=60', '150', '30'], [200, 150, 30]],
  ['parameters on every value', ['200;w=60', '150;w=60', '30;w=60'], [200, 150, 30]],
  ['thousands, which may be two values', ['1,000', '1,000', '30'], [undefined, undefined, 30]],
  ['a limit of 0', ['0', '0', '30'], [undefined, undefined, 30]],
  ['a limit of -1', ['-1', '5', '30'], [undefined, 5, 30]],
  ['-1 for all', ['-1', '-1', '-1'], [undefined, undefined, undefined]],
  ['more remaining than the limit', ['200', '999', '30'], [200, 999, 30]],
  ['words', ['many', 'some', 'soon'], [undefined, undefined, undefined]],
  ['an empty value', ['', '', ''], [undefined, undefined, undefined]],
  ['numbers out of all bounds', ['9'.repeat(400), 'Infinity', 'NaN'], [undefined, undefined, undefined]],
  ['a part that is no number', ['200, many', '150;', '30, soon'], [200, 150, 30]],
  ['hexadecimal, which is no form of a limit', ['0x10', '0x1', '0x1'], [undefined, undefined, undefined]],
  ['no limit', [undefined, '150', '30'], [undefined, 150, 30]],
  ['a 0 that a proxy without a limit of its own adds', ['20, 0', '19, 0', '6, 0'], [20, 19, 6]],
  ['a 0 that such a proxy puts first', [['-1', '20'], ['0', '0'], '6'], [20, 0, 6]],
  ['several limits, of which the most cautious remainder counts', ['20, 10', '19, 0', '6'], [10, 0, 6]],
  ['a 0 among more values than limits', ['20, 0', '19, 7, 0', '6'], [20, 0, 6]],
  ['counts with their period', ['20 per minute', '19 requests', '6 s'], [20, 19, 6]],
  ['counts with the whole', ['20/min', '19/20', '0m6s'], [20, 19, 6]],
  ['blanks between digits, which may be thousands', ['1 000', '1 000', '30'], [undefined, undefined, 30]],
  ['nothing', [undefined, undefined, undefined], [undefined, undefined, undefined]],
])('reads %s', (_name, said, expected) => {
  expect(read(said)).toEqual(expected);
});

test.each([
  ['0', 0],
  ['61', 61],
  ['99999999', 99_999_999],
  [new Date(NOW + 12_000).toUTCString(), 12],
  [new Date(NOW + 12_000).toISOString(), 12],
  [`${new Date(NOW + 3_000).toUTCString()}, ${new Date(NOW + 9_000).toUTCString()}`, 9],
  [new Date(NOW + 86_400_000).toUTCString(), 86_400],
  [new Date(NOW - 1_000).toUTCString(), undefined],
  [String(NOW / 1000 + 12), 12],
  [String(NOW + 12_000), 12],
  [String(NOW / 1000 - 12), undefined],
  ['1e9', undefined],
  ['6s', 6],
  ['"1h2m3.5s"', 3724],
  ['2m', 120],
  ['6 seconds', 6],
  ['6 minutes', undefined],
  ['500ms', undefined],
])('reads the reset %s as %s seconds', (reset, seconds) => {
  expect(read(['200', '150', reset])).toEqual([200, 150, seconds]);
});

test('reads the names of the drafts, and prefers those that api.video documents', () => {
  const none = [undefined, undefined, undefined];
  const three = { 'ratelimit-limit': '100', 'ratelimit-remaining': '50', 'ratelimit-reset': '7' };
  expect(read(none, 200, three)).toEqual([100, 50, 7]);
  expect(read(none, 200, { ratelimit: 'limit=100, remaining=50, reset=7' })).toEqual([100, 50, 7]);
  expect(read(none, 200, { ratelimit: '"default";r=50;t=7' })).toEqual([undefined, 50, 7]);
  expect(read(['200', 'soon', '30'], 200, three)).toEqual([200, 50, 30]);
});

test('reads the combined header that was sent twice', () => {
  const none = [undefined, undefined, undefined];
  const ratelimit = 'limit=20, remaining=19, reset=6, limit=0, remaining=0, reset=0';
  expect(read(none, 200, { ratelimit })).toEqual([20, 19, 6]);
});

test('Retry-After counts only with a 429, and the later reset counts', () => {
  const header = { 'retry-after': '45' };
  expect(read([undefined, undefined, undefined], 503, header)).toEqual([undefined, undefined, undefined]);
  expect(read([undefined, undefined, undefined], 429, header)).toEqual([undefined, undefined, 45]);
  expect(read(['200', '0', '10'], 429, header)).toEqual([200, 0, 45]);
});

test('after a 429, less than nothing remaining is nothing', () => {
  expect(read(['200', '-3', '10'], 429)).toEqual([200, 0, 10]);
});
