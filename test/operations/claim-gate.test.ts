// How long a claim holds: by clocks that the test sets, because no machine is suspended for it.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { CLAIM_HOLDS_MS, ClaimGate } from '../../src/operations/claim-gate.ts';

describe('a claim', { concurrent: false }, () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** A gate whose store claims everything, after `whileClaiming` has moved the clocks. */
  function createGate(whileClaiming: (statement: number) => void) {
    const statements: (readonly number[])[] = [];
    const gate = new ClaimGate({
      store: {
        claim: async (_seq, _epoch, places) => {
          statements.push(places);
          whileClaiming(statements.length);
          return places;
        },
      },
      seq: 1,
      epoch: 1,
      leaseMs: 6_000,
      upstreamNow: () => 0,
      onFailure: (error) => {
        throw error;
      },
    });
    return { gate, statements };
  }

  const clocks: Readonly<Record<string, (ms: number) => void>> = {
    'on both clocks': (ms) => vi.advanceTimersByTime(ms),
    // The other one stands still while the machine is suspended.
    'on the clock of the wall alone': (ms) => vi.setSystemTime(Date.now() + ms),
    'on the monotonic clock alone': (ms) => {
      const wall = Date.now();
      vi.advanceTimersByTime(ms);
      vi.setSystemTime(wall);
    },
    'on the clock of the wall, which was set back': (ms) => vi.setSystemTime(Date.now() - ms),
  };
  for (const [name, advance] of Object.entries(clocks)) {
    test(`that is five seconds old ${name} is asked again before anything is sent`, async () => {
      const { gate, statements } = createGate((statement) => {
        if (statement === 1) advance(CLAIM_HOLDS_MS);
      });
      expect(await gate.claim(7, true)).toBe(true);
      expect(statements).toEqual([[7], [7]]);
    });

    test(`that is younger ${name} is asked once`, async () => {
      const { gate, statements } = createGate(() => advance(CLAIM_HOLDS_MS - 100));
      expect(await gate.claim(7, true)).toBe(true);
      expect(statements).toEqual([[7]]);
    });
  }

  test('that is too old, and then has another holder, is not sent', async () => {
    const places: (readonly number[])[] = [[7], []];
    const gate = new ClaimGate({
      store: {
        claim: async () => {
          vi.setSystemTime(Date.now() + CLAIM_HOLDS_MS);
          return places.shift() ?? [];
        },
      },
      seq: 1,
      epoch: 1,
      leaseMs: 6_000,
      upstreamNow: () => 0,
      onFailure: () => {},
    });
    expect(await gate.claim(7, true)).toBe(false);
    expect(places).toEqual([]);
  });

  test('whose answer comes after the gate was closed is not sent', async () => {
    const { gate } = createGate(() => gate.close());
    expect(await gate.claim(7, true)).toBe(false);
  });
});
