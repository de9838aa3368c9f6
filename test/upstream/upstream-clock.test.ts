// What upstream's clock shows, by the dates of its answers.
import { expect, test } from 'vitest';
import { UpstreamClock } from '../../src/upstream/upstream-clock.ts';

const answer = (headers: Record<string, string | string[]>) => ({
  status: 200,
  headers,
  body: Buffer.alloc(0),
  sentAt: 900,
  receivedAt: 1_000,
});
const OWN = performance.timeOrigin;
const DATE = 'Thu, 26 Nov 2026 12:00:00 GMT';

test.each([
  ['of an answer', { date: DATE }, Date.parse(DATE) - 1_000],
  ['of an answer that no cache has kept', { date: DATE, age: '0' }, Date.parse(DATE) - 1_000],
  ['that a cache has kept', { date: DATE, age: '3600' }, OWN],
  ['that a cache has kept, as two say', { date: DATE, age: ['3600', '3600'] }, OWN],
  ['that comes twice', { date: [DATE, DATE] }, OWN],
  ['that is none', { date: 'noon' }, OWN],
])('a date %s', (_name, headers, expected) => {
  const clock = new UpstreamClock();
  clock.observe(answer(headers));
  expect(clock.sent(0)).toEqual({ sentAt: 0, upstreamSentAt: expected });
});
