import { expect, test } from 'vitest';
import type { RateLimitHeaders } from '../../src/upstream/rate-limit-headers.ts';
import { RateWindow } from '../../src/upstream/rate-window.ts';

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

test('a limit of which too little is told is none', () => {
  const { window, answer } = setUp();
  answer({ limit: 200 }, 0);
  expect(window.budget(0)).toEqual({ limit: undefined, remaining: undefined, resetsAt: undefined });
  expect(window.room(0, 'short')).toBe(Number.POSITIVE_INFINITY);
});

test('counts by itself what remains, if answers do not report it', () => {
  const { window, answer } = setUp();
  answer({ limit: 200, retryAfterSeconds: 30 }, 0);
  answer({ limit: 200, retryAfterSeconds: 30 }, 100);
  expect(window.budget(200)).toEqual({ limit: 200, remaining: 198, resetsAt: 30_000 });
  answer({ limit: 200, retryAfterSeconds: 60 }, 30_000);
  expect(window.budget(30_000)).toMatchObject({ remaining: 199 });
});

test('goes by what remains alone for a second, and shows no limit and no reset', () => {
  const { window, answer } = setUp();
  answer({ remaining: 7 }, 0);
  expect(window.budget(900)).toEqual({ limit: undefined, remaining: 7, resetsAt: undefined });
  expect(window.budget(1_000)).toEqual({ limit: undefined, remaining: undefined, resetsAt: undefined });
});

test('an answer without a reset does not change the reset that others named', () => {
  const { window, answer } = setUp();
  answer({ limit: 200, remaining: 9, retryAfterSeconds: 30 }, 0);
  answer({ limit: 200, remaining: 0 }, 100);
  expect(window.budget(5_000)).toEqual({ limit: 200, remaining: 0, resetsAt: 30_000 });
});

test('waits as long as a 429 says that names nothing else, and longer each time if that is too short', () => {
  const { window, answer } = setUp();
  answer({ retryAfterSeconds: 3 }, 0, 0, true);
  expect(window.reopensAt(0, 'short')).toBe(3_000);
  answer({ retryAfterSeconds: 1 }, 3_000, 3_000, true);
  expect(window.reopensAt(3_000, 'short')).toBe(5_000);
  answer({ retryAfterSeconds: 1 }, 5_000, 5_000, true);
  expect(window.reopensAt(5_000, 'short')).toBe(9_000);
});

test('does not ask each second where the reset is always said to be near', () => {
  const { window, answer } = setUp();
  let now = 0;
  let refusals = 0;
  while (now < 60_000) {
    answer({ limit: 200, remaining: 0, retryAfterSeconds: 1 }, now, now, true);
    refusals += 1;
    now = Math.max(now + 1, window.reopensAt(now, 'check'), window.budget(now).resetsAt ?? now);
  }
  expect(refusals).toBeLessThan(10);
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
