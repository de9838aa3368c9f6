// What one caller's credentials are worth from moment to moment, on a clock of its own and an upstream that says as it is told.
import type { IncomingHttpHeaders } from 'node:http';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Identity } from '../../src/auth/identity.ts';
import { BudgetExhaustedError, UnauthorizedError } from '../../src/upstream/upstream-errors.ts';

/** The timers are those of the whole file. */
const ALONE = { concurrent: false };

// As `pause` does, but that no real time passes.
vi.mock('../../src/upstream/pause.ts', () => ({
  async pause(ms: number, { deadline }: { deadline: number }): Promise<boolean> {
    if (performance.now() + ms > deadline) return false;
    await vi.advanceTimersByTimeAsync(ms);
    return true;
  },
}));

type Answer = { readonly status: number; readonly headers?: IncomingHttpHeaders };

const NEVER = new AbortController().signal;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** @param answers - one for each read of upstream, the last one for all that follow. */
function createIdentity(...answers: readonly [Answer, ...Answer[]]) {
  const sentAt: number[] = [];
  const send = async () => {
    const now = performance.now();
    const { status, headers = {} } = answers[sentAt.length] ?? answers.at(-1) ?? answers[0];
    sentAt.push(now);
    return { status, headers, body: Buffer.alloc(0), sentAt: now, receivedAt: now };
  };
  const transport = { send, close: async () => {}, abort: async () => {} };
  const identity = new Identity(transport, { scheme: 'bearer', secret: 'token' }, 'digest', NEVER);
  const project = (waitMs = 0) =>
    identity.project({ deadline: performance.now() + waitMs }, (_claimed, check) => check());
  return { identity, project, sentAt };
}

describe('a token that upstream has refused', ALONE, () => {
  async function refuse() {
    const started = createIdentity({ status: 200 }, { status: 401 });
    await started.project();
    const before = performance.now();
    await vi.advanceTimersByTimeAsync(10);
    await expect(started.identity.renew('Bearer token')).rejects.toThrow(UnauthorizedError);
    return { ...started, before };
  }

  test('is not believed for an answer to what was sent before', async () => {
    const { identity, project, sentAt, before } = await refuse();

    identity.accepted(before);

    expect(identity.acceptedAt).toBe(Number.NEGATIVE_INFINITY);
    await vi.advanceTimersByTimeAsync(5_000);
    await expect(project()).rejects.toThrow(UnauthorizedError);
    expect(sentAt).toHaveLength(2);
  });

  test('is believed again for an answer to what was sent since, as of its sending', async () => {
    const { identity, project, sentAt } = await refuse();
    await vi.advanceTimersByTimeAsync(1);
    const since = performance.now();
    await vi.advanceTimersByTimeAsync(5_000);

    identity.accepted(since);

    expect(identity.acceptedAt).toBe(since);
    expect(await project()).toBe('credentials digest');
    expect(sentAt).toHaveLength(1);
  });
});

test(
  'acceptance does not go back to an earlier time, with an answer that was long under way',
  ALONE,
  async () => {
    const { identity, project } = createIdentity({ status: 200 });
    await project();
    const early = performance.now();
    await vi.advanceTimersByTimeAsync(100);
    const late = performance.now();

    identity.accepted(late);
    identity.accepted(early);

    expect(identity.acceptedAt).toBe(late);
  },
);

describe('where the budget is spent', ALONE, () => {
  const limited = (seconds: string): Answer => ({
    status: 429,
    headers: { 'x-ratelimit-retry-after': seconds },
  });

  test.each([
    ['3600', 60],
    ['999999999999999', 60],
    ['7', 7],
    ['0', 1],
    // Unreadable, so it counts as none.
    ['-5', 1],
    ['6.2', 7],
    ['7, 5', 7],
  ])('upstream’s %s seconds are a wait of %i', async (seconds, waited) => {
    vi.spyOn(Math, 'random').mockReturnValue(0);
    const short = createIdentity(limited(seconds), { status: 200 });
    const refusal = await short.project(waited * 1000 - 1).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(BudgetExhaustedError);
    expect(refusal).toMatchObject({ retryAfterSeconds: waited });

    const { project, sentAt } = createIdentity(limited(seconds), { status: 200 });
    await project(waited * 1000);
    expect(sentAt.map((each) => each - (sentAt[0] ?? 0))).toEqual([0, waited * 1000]);
  });

  test.each([
    ['a date', () => ({ 'x-ratelimit-retry-after': new Date(Date.now() + 7_000).toISOString() })],
    ['another header', () => ({ 'retry-after': '7' })],
  ])('and upstream says so by %s, it waits as long', async (_form, headers) => {
    const { project, sentAt } = createIdentity({ status: 429, headers: headers() }, { status: 200 });
    await project(10_000);
    expect(sentAt.map((each) => each - (sentAt[0] ?? 0))).toEqual([0, 7_000]);
  });

  test('and upstream does not say for how long, it waits longer and longer, and after an answer as at first', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0);
    const silent = { status: 429 };
    const { project, sentAt } = createIdentity(silent, silent, silent, { status: 200 }, silent, {
      status: 200,
    });

    await project(20_000);
    await vi.advanceTimersByTimeAsync(60_000);
    await project(20_000);

    const pauses = sentAt.slice(1).map((each, index) => each - (sentAt[index] ?? 0));
    expect(pauses).toEqual([1_000, 2_000, 4_000, 60_000, 1_000]);
  });
});
