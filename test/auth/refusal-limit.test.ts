// RefusalLimit: how many checks of credentials may be refused in a minute, on a clock of its own.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { RefusalLimit, TooManyRefusalsError } from '../../src/auth/refusal-limit.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Takes a slot and gives it back at once. @returns whether there was one. */
async function check(limit: RefusalLimit, isRefused: boolean): Promise<boolean> {
  try {
    await limit.take();
  } catch (error) {
    expect(error).toBeInstanceOf(TooManyRefusalsError);
    return false;
  }
  limit.done({ isRefused });
  return true;
}

describe('the slots of a limit', { concurrent: false }, () => {
  test('are free again a minute after the first refusal', async () => {
    const limit = new RefusalLimit(2);
    expect(await check(limit, true)).toBe(true);
    await vi.advanceTimersByTimeAsync(59_000);
    expect(await check(limit, true)).toBe(true);
    expect(await check(limit, true)).toBe(false);
    await expect(limit.take()).rejects.toMatchObject({ retryAfterSeconds: 1 });
    await vi.advanceTimersByTimeAsync(1_000);

    expect([await check(limit, true), await check(limit, true), await check(limit, true)]).toEqual([
      true,
      true,
      false,
    ]);
  });

  test('are never used up by checks that nobody refuses', async () => {
    const limit = new RefusalLimit(2);

    for (let turn = 0; turn < 10; turn += 1) expect(await check(limit, false)).toBe(true);
  });

  test('go to those who wait, in turn, until refusals have them all', async () => {
    const limit = new RefusalLimit(1);
    await limit.take();
    const order: string[] = [];
    const waiting = ['first', 'second', 'third'].map((name) =>
      limit.take().then(
        () => order.push(name),
        () => order.push(`not ${name}`),
      ),
    );

    limit.done({ isRefused: false });
    await waiting[0];
    expect(order).toEqual(['first']);
    limit.done({ isRefused: true });
    await Promise.all(waiting);
    expect(order).toEqual(['first', 'not second', 'not third']);
  });
});
