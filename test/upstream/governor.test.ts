import { describe, expect, test } from 'vitest';
import type { Caller, Gate, RequestKind } from '../../src/upstream/caller.ts';
import { Governor } from '../../src/upstream/governor.ts';
import type { RateLimitHeaders } from '../../src/upstream/rate-limit-headers.ts';
import { BudgetExhaustedError, CancelledError, HeldBackError } from '../../src/upstream/upstream-errors.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const NONE: RateLimitHeaders = { limit: undefined, remaining: undefined, retryAfterSeconds: undefined };

function says(remaining: number, retryAfterSeconds = 30, limit = 200): RateLimitHeaders {
  return { limit, remaining, retryAfterSeconds };
}

function setUp(slots = 50, readSlots = slots) {
  const clock = new VirtualClock();
  const timers = { open: 0 };
  const governor = new Governor(
    { write: slots, read: readSlots },
    {
      now: () => clock.now(),
      at(time, callback) {
        timers.open += 1;
        let isOpen = true;
        const close = () => {
          if (isOpen) timers.open -= 1;
          isOpen = false;
        };
        const cancel = clock.at(time, () => {
          close();
          callback();
        });
        return () => {
          close();
          cancel();
        };
      },
    },
    () => 0,
  );
  const sent: string[] = [];
  const sentAt: Record<'read' | 'write', number[]> = { read: [], write: [] };
  const refused: unknown[] = [];
  return {
    clock,
    governor,
    timers,
    sent,
    refused,
    caller: (waitMs = 600_000, more: Partial<Caller> = {}): Caller => ({
      deadline: clock.now() + waitMs,
      ...more,
    }),
    ask(
      caller: Caller,
      names: readonly string[],
      kind: RequestKind = 'write',
      options: Parameters<Governor['acquire']>[2] = {},
    ) {
      for (const name of names) {
        governor.acquire(kind, caller, options).then(
          () => {
            sent.push(name);
            sentAt[kind === 'write' ? 'write' : 'read'].push(clock.now());
          },
          (error) => refused.push(error),
        );
      }
    },
    /** Answers the oldest request of the class that is open. */
    answer(
      headers: RateLimitHeaders,
      { kind = 'write', limited = false }: { kind?: RequestKind; limited?: boolean } = {},
    ) {
      governor.release(kind, {
        kind: 'answered',
        limited,
        headers,
        sentAt: sentAt[kind === 'write' ? 'write' : 'read'].shift() ?? clock.now(),
        receivedAt: clock.now(),
      });
    },
    pass: (ms: number) => clock.run(clock.sleep(ms)),
  };
}

function createGate(more: Partial<Gate>): Gate {
  return {
    isOpen: true,
    readsNeeded: 0,
    isRefused: false,
    enter() {},
    leave() {},
    beforeSend: async () => {},
    ...more,
  };
}

const many = (count: number, name = 'id') => Array.from({ length: count }, (_, index) => `${name}${index}`);

test('sends one first when cold, and the others after its headers', async () => {
  const { ask, caller, answer, pass, sent } = setUp();
  ask(caller(), many(5));
  await pass(100);
  expect(sent).toEqual(['id0']);
  answer(says(199));
  await pass(1);
  expect(sent).toHaveLength(5);
});

test('keeps to its concurrency where upstream names no limit', async () => {
  const { ask, caller, answer, pass, sent, governor } = setUp(3);
  ask(caller(), many(10));
  await pass(1);
  answer(NONE);
  await pass(1);
  expect(sent).toHaveLength(4);
  expect(governor.load()).toEqual({ waiting: 6, inFlight: 3 });
});

test('pauses exactly until the reset after a 429, then sends that request first', async () => {
  const { ask, caller, answer, pass, sent } = setUp();
  const call = caller();
  ask(call, ['a', 'b']);
  await pass(1);
  answer(says(0, 7), { limited: true });
  ask(call, ['a again'], 'write', { again: true });
  await pass(6_999);
  expect(sent).toEqual(['a']);
  await pass(2);
  expect(sent).toEqual(['a', 'a again']);
});

test('pauses a second after a 429 without headers, and doubles it', async () => {
  const { ask, caller, answer, pass, sent } = setUp();
  ask(caller(), many(4));
  await pass(0);
  for (const ms of [1_000, 2_000]) {
    const before = sent.length;
    answer(NONE, { limited: true });
    await pass(ms - 1);
    expect(sent).toHaveLength(before);
    await pass(2);
    expect(sent).toHaveLength(before + 1);
  }
});

test('refuses at once who cannot wait for the reset, and serves the others', async () => {
  const { ask, caller, answer, pass, sent, refused } = setUp();
  ask(caller(), ['first', 'patient']);
  ask(caller(5_000), ['hasty']);
  await pass(1);
  answer(says(0, 30));
  await pass(1);
  expect(refused).toEqual([expect.any(BudgetExhaustedError)]);
  expect(refused).toMatchObject([{ retryAfterSeconds: 30 }]);
  await pass(30_000);
  expect(sent).toEqual(['first', 'patient']);
});

test('sends without any wait what the budget allows now, behind the first one too', async () => {
  const { ask, caller, answer, pass, sent, refused } = setUp();
  ask(caller(0), many(5));
  await pass(300);
  expect(refused).toEqual([]);
  answer(says(2, 30));
  await pass(1);
  for (const remaining of [1, 0]) {
    answer(says(remaining, 30));
    await pass(1);
  }
  expect(sent).toEqual(['id0', 'id1', 'id2']);
  expect(refused).toHaveLength(2);
});

test('refuses two seconds after the deadline who still has no place', async () => {
  const { ask, caller, pass, sent, refused } = setUp(1);
  ask(caller(1_000), ['hangs', 'waits']);
  await pass(2_999);
  expect(refused).toEqual([]);
  await pass(2);
  expect(sent).toEqual(['hangs']);
  expect(refused).toMatchObject([{ retryAfterSeconds: undefined }]);
});

test('frees the waiters of an aborted call at once, and leaves no timer behind', async () => {
  const { ask, caller, pass, refused, timers, governor } = setUp();
  const gone = new AbortController();
  ask(caller(60_000, { signal: gone.signal }), many(3));
  await pass(1);
  expect(timers.open).toBe(1);
  gone.abort();
  await pass(1);
  expect(refused).toEqual([expect.any(CancelledError), expect.any(CancelledError)]);
  expect(timers.open).toBe(0);
  governor.release('write', { kind: 'unsent' });
  expect(governor.load()).toEqual({ waiting: 0, inFlight: 0 });
});

test('gives the place of one that was never sent to the next', async () => {
  const { ask, caller, pass, sent, governor } = setUp();
  ask(caller(), ['a', 'b']);
  await pass(1);
  governor.release('write', { kind: 'unsent' });
  await pass(1);
  expect(sent).toEqual(['a', 'b']);
});

test('serves calls in turn, so that three ids get through beside a thousand', async () => {
  const { ask, caller, answer, pass, sent } = setUp(2);
  ask(caller(), many(1_000));
  ask(caller(), many(3, 'few'));
  await pass(1);
  for (let index = 0; index < 6; index += 1) {
    answer(NONE);
    await pass(1);
  }
  expect(sent.filter((name) => name.startsWith('few'))).toHaveLength(3);
});

test('keeps a tenth of the reads for checks', async () => {
  const { ask, caller, answer, pass, sent } = setUp();
  const call = caller();
  ask(call, ['read'], 'read');
  await pass(1);
  answer(says(10, 30, 100), { kind: 'read' });
  ask(call, ['another read'], 'read');
  ask(call, ['check'], 'check');
  await pass(1);
  expect(sent).toEqual(['read', 'check']);
});

test('holds a write until the reads are left that its gate needs', async () => {
  const { ask, caller, answer, pass, sent } = setUp();
  ask(caller(), ['read'], 'read');
  await pass(1);
  answer(says(0, 10, 100), { kind: 'read' });
  ask(caller(60_000), ['witnessed'], 'write', { gate: createGate({ readsNeeded: 1 }) });
  ask(caller(), ['plain']);
  await pass(1);
  expect(sent).toEqual(['read', 'plain']);
  answer(says(199));
  await pass(10_000);
  expect(sent).toEqual(['read', 'plain', 'witnessed']);
});

describe('a write with a gate', () => {
  test('waits while the gate is closed, and is asked again when told', async () => {
    const { ask, caller, pass, sent, governor } = setUp();
    const gate = { ...createGate({}), isOpen: false };
    ask(caller(), ['gated'], 'write', { gate });
    ask(caller(), ['plain']);
    await pass(1);
    expect(sent).toEqual(['plain']);
    gate.isOpen = true;
    await pass(1_000);
    expect(sent).toEqual(['plain']);
    governor.reconsider(false);
    await pass(3_000);
    expect(sent).toEqual(['plain', 'gated']);
  });

  test('enters in the step in which it is granted, so that a gate for one lets one pass', async () => {
    const { ask, caller, answer, pass, sent } = setUp();
    const shared = { entered: 0 };
    const gate: Gate = {
      ...createGate({}),
      get isOpen() {
        return shared.entered === 0;
      },
      enter() {
        shared.entered += 1;
      },
    };
    ask(caller(), ['scout']);
    await pass(1);
    answer(says(199));
    ask(caller(), many(5), 'write', { gate });
    ask(caller(), many(5, 'other'), 'write', { gate });
    await pass(1);
    expect([sent, shared.entered]).toEqual([['scout', 'id0'], 1]);
  });

  test('fails once the gate refuses it: those that wait, and those that come', async () => {
    const { ask, caller, pass, sent, refused, governor } = setUp();
    const gate = { ...createGate({}), isOpen: false, isRefused: false };
    ask(caller(), ['a', 'b'], 'write', { gate });
    await pass(1);
    gate.isRefused = true;
    governor.reconsider(true);
    ask(caller(), ['c'], 'write', { gate });
    await pass(1);
    expect([sent, refused]).toEqual([[], Array.from({ length: 3 }, () => expect.any(HeldBackError))]);
    expect(governor.load()).toEqual({ waiting: 0, inFlight: 0 });
  });

  test('holds up no restore and no read of others', async () => {
    const { ask, caller, pass, sent } = setUp();
    ask(caller(), ['gated'], 'write', { gate: createGate({ isOpen: false }) });
    ask(caller(), ['restore']);
    ask(caller(), ['read'], 'read');
    await pass(1);
    expect(sent.toSorted()).toEqual(['read', 'restore']);
  });
});

test('reads and writes have slots of their own', async () => {
  const { ask, caller, answer, pass, sent } = setUp(1, 2);
  ask(caller(), many(3, 'write'));
  ask(caller(), many(3, 'read'), 'read');
  await pass(1);
  answer(NONE);
  answer(NONE, { kind: 'read' });
  await pass(1);
  expect(sent.toSorted()).toEqual(['read0', 'read1', 'read2', 'write0', 'write1']);
});

test('sends another after two seconds where the first one hangs', async () => {
  const { ask, caller, pass, sent } = setUp();
  ask(caller(), ['hangs', 'next']);
  await pass(1_999);
  expect(sent).toEqual(['hangs']);
  await pass(2);
  expect(sent).toEqual(['hangs', 'next']);
});

test('has no timer where nothing waits', async () => {
  const { ask, caller, answer, pass, timers } = setUp();
  ask(caller(), many(2));
  await pass(1);
  answer(says(199));
  await pass(1);
  answer(says(198));
  await pass(1);
  expect(timers.open).toBe(0);
});

test('sends all at once that a window has room for, when alone', async () => {
  const { ask, caller, answer, pass, sent } = setUp(500);
  ask(caller(), many(10));
  await pass(1);
  for (let number = 1; number <= 10; number += 1) {
    answer(says(200 - number));
    await pass(1);
  }
  ask(caller(), many(190, 'more'));
  await pass(1);
  expect(sent).toHaveLength(200);
});
