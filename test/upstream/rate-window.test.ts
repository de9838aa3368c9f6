import { expect, test } from 'vitest';
import { RateWindow } from '../../src/upstream/rate-window.ts';
import type { RateLimitHeaders } from '../../src/upstream/request-end.ts';

function setUp() {
  const window = new RateWindow(0, () => 0);
  return {
    window,
    answer(headers: Partial<RateLimitHeaders>, sentAt: number, receivedAt = sentAt, limited = false) {
      const all = { limit: undefined, remaining: undefined, retryAfterSeconds: undefined, ...headers };
      window.begin(sentAt);
      window.end({ kind: 'answered', limited, headers: all, sentAt, receivedAt }, receivedAt);
    },
  };
}

test('takes the least that was said of what remains, in whatever order', () => {
  const { window, answer } = setUp();
  answer({ limit: 200, remaining: 150, retryAfterSeconds: 30 }, 0, 300);
  answer({ limit: 200, remaining: 160, retryAfterSeconds: 30 }, 0, 350);
  expect(window.budget(400).remaining).toBe(150);
});

test('ignores a late word of an old window', () => {
  const { window, answer } = setUp();
  answer({ limit: 200, remaining: 0, retryAfterSeconds: 2 }, 0);
  answer({ limit: 200, remaining: 199, retryAfterSeconds: 60 }, 2_000);
  answer({ limit: 200, remaining: 3, retryAfterSeconds: 1 }, 900, 2_100);
  expect(window.budget(2_200).remaining).toBe(199);
});

test('closes in on the reset with every answer', () => {
  const { window, answer } = setUp();
  answer({ limit: 200, remaining: 199, retryAfterSeconds: 30 }, 0, 400);
  answer({ limit: 200, remaining: 198, retryAfterSeconds: 29 }, 500, 600);
  expect(window.budget(700).resetsAt).toBe(29_600);
});

test.each([
  { said: { limit: 0, remaining: 0, retryAfterSeconds: 30 }, remaining: 0, resetsAt: 30_000 },
  { said: { limit: 200, remaining: -5, retryAfterSeconds: 30 }, remaining: 0, resetsAt: 30_000 },
  { said: { limit: 200, remaining: 999, retryAfterSeconds: 30 }, remaining: 200, resetsAt: 30_000 },
  { said: { limit: -1, remaining: 5, retryAfterSeconds: 30 }, remaining: 0, resetsAt: 30_000 },
  { said: { limit: 1e15, remaining: 3, retryAfterSeconds: 1e9 }, remaining: 3, resetsAt: 60_000 },
  { said: { limit: 200, remaining: 5, retryAfterSeconds: -9 }, remaining: 5, resetsAt: 1_000 },
])('clamps what the headers say: $said', ({ said, remaining, resetsAt }) => {
  const { window, answer } = setUp();
  answer(said, 0);
  expect(window.budget(0)).toMatchObject({ remaining, resetsAt });
});

test('takes headers that are no numbers as none', () => {
  const { window, answer } = setUp();
  answer({ limit: 200, remaining: undefined, retryAfterSeconds: 5 }, 0);
  expect(window.budget(0)).toEqual({ limit: undefined, remaining: undefined, resetsAt: undefined });
  expect(window.room(0, 'short')).toBe(Number.POSITIVE_INFINITY);
});

test('adds a second to every reset for good once a 429 has shown that it woke early', () => {
  const { window, answer } = setUp();
  answer({ limit: 200, remaining: 0, retryAfterSeconds: 2 }, 0);
  answer({ limit: 200, remaining: 0, retryAfterSeconds: 0 }, 2_000, 2_000, true);
  expect(window.budget(2_000).resetsAt).toBe(3_000);
  answer({ limit: 200, remaining: 199, retryAfterSeconds: 59 }, 3_000);
  expect(window.budget(3_000).resetsAt).toBe(63_000);
});

test('keeps the place of a lost request taken, and gives back that of one never sent', () => {
  const { window, answer } = setUp();
  answer({ limit: 200, remaining: 100, retryAfterSeconds: 30 }, 0);
  window.begin(1);
  window.end({ kind: 'lost' }, 2);
  window.begin(3);
  window.end({ kind: 'unsent' }, 4);
  expect(window.budget(5).remaining).toBe(99);
});
