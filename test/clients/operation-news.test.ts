// When lists are read again while operations go on, by a clock of its own.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { hearOf } from '../../src/clients/operation-news.ts';

const END = '2026-01-01T00:00:00Z';

describe('news of an operation', { concurrent: false }, () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('outdate lists at the first settled video, then at most every 10 seconds, and at the end', () => {
    const cache = {};
    const hear = (pending: number, finishedAt: string | null = null) =>
      hearOf(cache, { id: 'op_1', pending, finishedAt }, 'poll').lists;

    expect(hear(100)).toBe('none');
    expect(hear(100)).toBe('none');
    expect(hear(99)).toBe('unpaged');
    expect(hear(98)).toBe('none');
    vi.advanceTimersByTime(9_999);
    expect(hear(98)).toBe('none');
    vi.advanceTimersByTime(1);
    expect(hear(98)).toBe('unpaged');
    vi.advanceTimersByTime(60_000);
    expect(hear(98)).toBe('none');
    expect(hear(0, END)).toBe('all');
    expect(hear(0, END)).toBe('none');
  });

  test('of several operations share the 10 seconds', () => {
    const cache = {};
    const hear = (id: string, pending: number) =>
      hearOf(cache, { id, pending, finishedAt: null }, 'poll').lists;
    for (const id of ['op_1', 'op_2']) hear(id, 10);

    expect(hear('op_1', 9)).toBe('unpaged');
    expect(hear('op_2', 9)).toBe('none');
    vi.advanceTimersByTime(10_000);
    expect(hear('op_2', 9)).toBe('unpaged');
  });

  test('change nothing if the operation had ended before, also when they come late', () => {
    const cache = {};
    expect(hearOf(cache, { id: 'op_1', pending: 0, finishedAt: END }, 'poll').lists).toBe('none');
    expect(hearOf(cache, { id: 'op_1', pending: 5, finishedAt: null }, 'poll').lists).toBe('none');
    expect(hearOf(cache, { id: 'op_1', pending: 4, finishedAt: null }, 'poll').lists).toBe('none');
    expect(hearOf(cache, { id: 'op_1', pending: 0, finishedAt: END }, 'poll').lists).toBe('none');
  });

  test('outdate all lists if the call itself has waited for the end', () => {
    const ended = { id: 'op_1', pending: 0, finishedAt: END };
    expect(hearOf({}, ended, 'call')).toEqual({ lists: 'all', operations: true });
  });

  test.each([
    null,
    undefined,
    'op_1',
    {},
    { id: 'op_1' },
    { id: 'op_1', pending: 1 },
    { id: 'op_1', finishedAt: END },
  ])('that say too little change nothing: %j', (news) => {
    expect(hearOf({}, news, 'poll')).toEqual({ lists: 'none', operations: false });
  });
});
