// Generates histories of one video, and calls on it: everything that can go wrong in `upstream-model.ts`.
import fc from 'fast-check';
import type { Event, History, ReadFate, State, WriteFate } from './upstream-model.ts';

export type Call =
  | { readonly act: 'restore' }
  | {
      readonly act: 'delete';
      readonly ifPermanent: 'refuse' | 'allow';
      /** Whether the gateway already knows the effect of a second DELETE. */
      readonly knowsSecondDelete: boolean;
    };

export type Case = { readonly history: History; readonly call: Call; readonly waitMs: number };

export const TIMEOUT_MS = 10_000;

/** The oldest state that reads show: just younger than the lag that the gateway waits for. */
export const MAX_LAG_MS = 1_900;

/** Most answers come soon; a few take longer than the lag, so that tests reach both sides of waits and deadlines. */
const answerMs = fc.oneof({ weight: 4, arbitrary: fc.constant(30) }, fc.integer({ min: 0, max: 3_000 }));

const acts = fc.oneof(
  fc.constant('now' as const),
  fc.constant('never' as const),
  fc.integer({ min: 1, max: 500 }),
  fc.integer({ min: 1, max: 20_000 }),
);

const writeFate = fc.oneof<{ arbitrary: fc.Arbitrary<WriteFate>; weight: number }[]>(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('answered' as const),
      acts: fc.constant('now' as const),
      ms: answerMs,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('answered' as const),
      acts: fc.oneof(fc.integer({ min: 1, max: 8_000 }), fc.integer({ min: 1, max: 60_000 })),
      ms: answerMs,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('lost' as const),
      acts,
      ms: fc.oneof(answerMs, fc.constant(TIMEOUT_MS)),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('failed' as const),
      status: fc.constantFrom(503 as const, 403 as const),
      acts,
      ms: answerMs,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rejected' as const), ms: answerMs }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'withheld' as const,
        'cancelled' as const,
        'unauthorized' as const,
        'unreachable' as const,
      ),
    }),
  },
);

const answeredRead = fc.record({
  kind: fc.constant('answered' as const),
  lagMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: MAX_LAG_MS })),
  ms: answerMs,
});

const readFate = fc.oneof<{ arbitrary: fc.Arbitrary<ReadFate>; weight: number }[]>(
  { weight: 10, arbitrary: answeredRead },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('lost' as const, 'failed' as const, 'garbled' as const, 'unreachable' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('unauthorized' as const, 'exhausted' as const) }),
  },
);

/** From before the oldest state that a read can show, until after the last write of the longest call. */
const event: fc.Arbitrary<Event> = fc.record({
  at: fc.oneof(fc.integer({ min: -5_000, max: 5_000 }), fc.integer({ min: -5_000, max: 25_000 })),
  kind: fc.constantFrom('remove' as const, 'restore' as const, 'destroy' as const, 'switch' as const),
});

const MANNERS = {
  dialect: fc.constantFrom('discarded' as const, 'removed' as const),
  state: fc.constantFrom<State[]>('live', 'live', 'removed', 'absent'),
  videoRestore: fc.boolean(),
  secondDelete: fc.constantFrom('refused' as const, 'harmless' as const, 'destroys' as const),
  skewMs: fc.integer({ min: -100_000, max: 100_000 }),
  restoreShowsBefore: fc.boolean(),
};

const call = fc.oneof<fc.Arbitrary<Call>[]>(
  fc.record({ act: fc.constant('restore' as const) }),
  fc.record({
    act: fc.constant('delete' as const),
    ifPermanent: fc.constantFrom('refuse' as const, 'allow' as const),
    knowsSecondDelete: fc.boolean(),
  }),
);

/** Everything at once. */
export const troubledCases: fc.Arbitrary<Case> = fc.record({
  history: fc.record({
    ...MANNERS,
    events: fc.array(event, { maxLength: 3 }),
    writes: fc.array(writeFate, { maxLength: 4 }),
    reads: fc.array(readFate, { maxLength: 14 }),
  }),
  call,
  waitMs: fc.constantFrom(1, 2_000, 20_000, 20_000),
});

/** Nothing goes wrong, and no other client acts; reads still lag. */
export const calmCases: fc.Arbitrary<Case> = fc.record({
  history: fc.record({
    ...MANNERS,
    events: fc.constant([]),
    writes: fc.constant([]),
    reads: fc.array(answeredRead, { maxLength: 14 }),
  }),
  call,
  waitMs: fc.constant(20_000),
});
