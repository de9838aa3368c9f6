// A history in relative terms, so that what happens in it happens close together: each call follows the one before it, and
// others act around the beginning of a call, on its videos.
import fc from 'fast-check';
import { type Call, type Event, type GatewaySettings, type History, START_MS } from './history.ts';

/** Most things happen within a lag or two of each other; some do not. */
export const soonMs = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 3_000 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 300 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 25_000 }) },
);

/** Once in so many times. */
export const onceIn = <T>(times: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: times - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

/** Its videos are neighbours, so that calls often share some. */
export type Step = {
  readonly gateway: number;
  readonly afterMs: number;
  readonly act: Call['act'];
  readonly ifPermanent: Call['ifPermanent'];
  readonly first: number;
  readonly count: number;
  readonly waitMs: number;
  readonly leavesAfterMs: number | undefined;
  readonly revokedAfterMs: number | undefined;
};

export const step: fc.Arbitrary<Step> = fc.record({
  gateway: fc.nat({ max: 2 }),
  afterMs: soonMs,
  act: fc.constantFrom('delete' as const, 'delete' as const, 'restore' as const),
  ifPermanent: fc.constantFrom('refuse' as const, 'refuse' as const, 'allow' as const),
  first: fc.nat({ max: 29 }),
  count: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 20 })),
  waitMs: fc.constantFrom(20_000, 20_000, 20_000, 5_000, 2_000, 0),
  leavesAfterMs: onceIn(8, fc.integer({ min: 0, max: 6_000 })),
  revokedAfterMs: onceIn(50, fc.integer({ min: 0, max: 2_000 })),
});

export type Deed = {
  readonly call: number;
  readonly offsetMs: number;
  readonly video: number;
  readonly kind: 'remove' | 'restore' | 'destroy' | 'off' | 'on';
};

export const deed: fc.Arbitrary<Deed> = fc.record({
  call: fc.nat({ max: 40 }),
  offsetMs: fc.oneof(fc.integer({ min: -3_000, max: 4_000 }), fc.integer({ min: -3_000, max: 25_000 })),
  video: fc.nat({ max: 19 }),
  kind: fc.constantFrom<Deed['kind'][]>(
    'remove',
    'restore',
    'remove',
    'restore',
    'destroy',
    'off',
    'on',
    'off',
    'on',
  ),
});

export const gateway: fc.Arbitrary<GatewaySettings> = fc.record({
  videoRestore: fc.constantFrom('on' as const, 'probe' as const),
  dialect: fc.constantFrom('known' as const, 'known' as const, 'auto' as const),
  concurrency: fc.integer({ min: 2, max: 5 }),
  timeoutMs: fc.constantFrom(10_000, 3_000),
  stops: onceIn(
    20,
    fc
      .record({ atMs: fc.integer({ min: 0, max: 8_000 }), forMs: fc.integer({ min: 0, max: 5_000 }) })
      .map(({ atMs, forMs }) => ({ drainsAt: START_MS + atMs, endsAt: START_MS + atMs + forMs })),
  ),
});

export type Draft = Omit<History, 'events' | 'calls'> & {
  readonly steps: readonly Step[];
  readonly deeds: readonly Deed[];
};

export function toHistory({ steps, deeds, ...rest }: Draft): History {
  let at = START_MS;
  const calls = steps.map(({ afterMs, first, count, leavesAfterMs, revokedAfterMs, ...each }): Call => {
    at += afterMs;
    const all = rest.videos.length;
    return {
      ...each,
      gateway: each.gateway % rest.gateways.length,
      at,
      videos: Array.from({ length: Math.min(count, all) }, (_, index) => (first + index) % all),
      leavesAt: leavesAfterMs === undefined ? undefined : at + leavesAfterMs,
      revokedAt: revokedAfterMs === undefined ? undefined : at + revokedAfterMs,
    };
  });
  return { ...rest, calls, events: deeds.map((each) => toEvent(each, calls)) };
}

function toEvent({ call, offsetMs, video, kind }: Deed, calls: readonly Call[]): Event {
  const near = calls[call % calls.length];
  const at = (near?.at ?? START_MS) + offsetMs;
  if (kind === 'off' || kind === 'on') return { at, kind: 'switch', isOn: kind === 'on' };
  return { at, kind, video: near?.videos[video % near.videos.length] ?? 0 };
}
