// How long an act of ours is remembered, by a clock that the test sets.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { RecentWrites } from '../../src/search/recent-writes.ts';

const MINUTE_MS = 60_000;

describe('an act of ours', { concurrent: false }, () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('is remembered for a call that has gone on for fifteen minutes since, as one of an operation may', () => {
    const writes = new RecentWrites();
    const begunAt = performance.now();
    vi.advanceTimersByTime(1_000);
    writes.note('viOurs', 'removed', 'delete');
    vi.advanceTimersByTime(15 * MINUTE_MS);
    writes.note('viOther', 'removed', 'delete');

    expect(writes.since('viOurs', begunAt)).toMatchObject({ state: 'removed' });
  });

  test('is forgotten after that', () => {
    const writes = new RecentWrites();
    writes.note('viOurs', 'removed', 'delete');
    vi.advanceTimersByTime(30 * MINUTE_MS);
    writes.note('viOther', 'removed', 'delete');

    expect(writes.latest('viOurs')).toBeUndefined();
  });

  test('that was lost may take effect for three minutes', () => {
    const writes = new RecentWrites();
    writes.note('viLost', undefined, 'delete');
    vi.advanceTimersByTime(3 * MINUTE_MS - 1);
    expect(writes.openDeletionMs('viLost')).toBe(1);
    vi.advanceTimersByTime(1);
    expect(writes.openDeletionMs('viLost')).toBe(0);
  });
});
