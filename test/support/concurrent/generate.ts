// Generates histories: several gateways, calls and other actors, close enough to each other to get in each other's way.
import fc from 'fast-check';
import { deed, gateway, onceIn, type Step, soonMs, step, toHistory } from './draft.ts';
import { type History, type Lag, MAX_LAG_MS, type Outage, START_MS, type State } from './history.ts';

const lag: fc.Arbitrary<Lag> = fc.record({
  kind: fc.constantFrom('fixed' as const, 'random' as const),
  maxMs: fc.oneof(fc.constant(0), fc.constant(MAX_LAG_MS), fc.integer({ min: 0, max: MAX_LAG_MS })),
});

const seed = fc.integer({ min: 0, max: 2 ** 30 });
const calm = fc.record({
  seed,
  writeFaults: fc.constant(0),
  readFaults: fc.constant(0),
  slow: fc.constant(0),
  lazy: fc.constant(0),
});
const stormy = fc.record({
  seed,
  writeFaults: fc.constantFrom(0, 0.05, 0.3, 0.6, 0.9),
  readFaults: fc.constantFrom(0, 0.02, 0.1, 0.4),
  slow: fc.constantFrom(0, 0.02, 0.1),
  lazy: fc.constantFrom(0, 0, 0.05),
});
const mostlyCalm = fc.oneof({ weight: 3, arbitrary: calm }, { weight: 1, arbitrary: stormy });

const outage: fc.Arbitrary<Outage> = fc.record({
  at: fc.integer({ min: START_MS, max: START_MS + 10_000 }),
  ms: fc.integer({ min: 100, max: 8_000 }),
  kind: fc.constantFrom('failing' as const, 'unreachable' as const, 'silent' as const),
});

const limits = fc.record({
  reads: fc.integer({ min: 20, max: 200 }),
  writes: fc.integer({ min: 3, max: 60 }),
});

const state = fc.constantFrom<State[]>('live', 'live', 'live', 'live', 'removed', 'absent');

const manners = {
  dialect: fc.constantFrom('discarded' as const, 'removed' as const),
  secondDelete: fc.constantFrom('refused' as const, 'harmless' as const, 'destroys' as const),
  skewMs: fc.integer({ min: -100_000, max: 100_000 }),
  restoreShowsBefore: fc.boolean(),
  lags: fc.record({ live: lag, removed: lag }),
  outages: fc.constant<readonly Outage[]>([]),
  limits: fc.constant(undefined),
};

/** Everything at once. */
const troubled: fc.Arbitrary<History> = fc
  .record({
    ...manners,
    isRestoreOn: fc.constantFrom(true, true, true, false),
    videos: fc.oneof(
      fc.array(state, { minLength: 4, maxLength: 8 }),
      fc.array(state, { minLength: 4, maxLength: 30 }),
    ),
    weather: fc.oneof(calm, stormy),
    outages: fc.oneof(fc.constant([]), fc.constant([]), fc.array(outage, { maxLength: 2 })),
    limits: onceIn(6, limits),
    gateways: fc.array(gateway, { minLength: 1, maxLength: 3 }),
    steps: fc.array(step, { minLength: 1, maxLength: 7 }),
    deeds: fc.array(deed, { maxLength: 8 }),
  })
  .map(toHistory);

/** A few videos are deleted and restored, again and again, by several calls and others. */
const toAndFro: fc.Arbitrary<History> = fc
  .record({
    ...manners,
    isRestoreOn: fc.constant(true),
    videos: fc.array(fc.constantFrom<State[]>('live', 'removed'), { minLength: 4, maxLength: 4 }),
    weather: mostlyCalm,
    gateways: fc.array(gateway, { minLength: 1, maxLength: 2 }),
    steps: fc.array(
      fc.tuple(step, fc.integer({ min: 0, max: 1_500 }), fc.integer({ min: 1, max: 2 })).map(
        ([each, afterMs, count]): Step => ({
          ...each,
          afterMs,
          count,
          first: each.first % 2,
          waitMs: 20_000,
        }),
      ),
      { minLength: 3, maxLength: 9 },
    ),
    deeds: fc.array(deed, { maxLength: 4 }),
  })
  .map(toHistory);

/** Many small calls, and Video Restore is switched off among them. */
const bursts: fc.Arbitrary<History> = fc
  .record({
    ...manners,
    isRestoreOn: fc.constant(true),
    videos: fc.constant(Array.from({ length: 30 }, (): State => 'live')),
    weather: mostlyCalm,
    gateways: fc.array(gateway, { minLength: 1, maxLength: 2 }),
    calls: fc.array(
      fc.record({
        gateway: fc.nat({ max: 1 }),
        count: fc.oneof(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 20 })),
        afterMs: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 2_500 })),
        leavesAfterMs: onceIn(10, soonMs),
      }),
      { minLength: 3, maxLength: 25 },
    ),
    switches: fc.array(
      fc.record({ call: fc.nat({ max: 24 }), offsetMs: fc.integer({ min: -500, max: 3_000 }) }),
      { minLength: 1, maxLength: 2 },
    ),
  })
  .map(({ calls, switches, ...rest }) =>
    toHistory({
      ...rest,
      steps: calls.map((each, first) => ({ ...each, ...REFUSE, first })),
      deeds: switches.map((each, index) => ({ ...each, video: 0, kind: index === 0 ? 'off' : 'on' })),
    }),
  );
const REFUSE = { act: 'delete', ifPermanent: 'refuse', waitMs: 20_000, revokedAfterMs: undefined } as const;

/** One gateway, no other client, and nothing goes wrong; reads still lag. Every call waits long enough. */
export const calmHistories: fc.Arbitrary<History> = fc
  .record({
    ...manners,
    isRestoreOn: fc.constantFrom(true, true, false),
    videos: fc.array(state, { minLength: 4, maxLength: 12 }),
    weather: calm,
    gateways: fc.tuple(gateway.map((each) => ({ ...each, stops: undefined }))),
    steps: fc.array(
      step.map((each): Step => ({ ...each, ...PATIENT, gateway: 0 })),
      { minLength: 1, maxLength: 6 },
    ),
    deeds: fc.constant([]),
  })
  .map(toHistory);
const PATIENT = { waitMs: 600_000, leavesAfterMs: undefined, revokedAfterMs: undefined } as const;

export const histories: fc.Arbitrary<History> = fc.oneof(
  { weight: 5, arbitrary: troubled },
  { weight: 3, arbitrary: toAndFro },
  { weight: 2, arbitrary: bursts },
);
