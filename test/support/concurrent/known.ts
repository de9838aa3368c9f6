// Histories in which answers were false once, or too many videos were lost. Each is played with many seeds, which vary how
// long requests travel and how much reads lag.
import type { Call, Event, GatewaySettings, History, Lag } from './history.ts';

const GATEWAY: GatewaySettings = {
  videoRestore: 'on',
  dialect: 'known',
  concurrency: 3,
  timeoutMs: 10_000,
  stops: undefined,
};
const CALM: Omit<History, 'calls'> = {
  dialect: 'discarded',
  secondDelete: 'refused',
  skewMs: 0,
  restoreShowsBefore: false,
  isRestoreOn: true,
  videos: ['live', 'live', 'live', 'live'],
  lags: { live: upTo(1_900), removed: upTo(1_900) },
  weather: { seed: 0, writeFaults: 0, readFaults: 0, slow: 0, lazy: 0 },
  outages: [],
  limits: undefined,
  events: [],
  gateways: [GATEWAY],
};

function upTo(maxMs: number): Lag {
  return { kind: 'random', maxMs };
}

function always(maxMs: number): Lag {
  return { kind: 'fixed', maxMs };
}

function call(act: Call['act'], at: number, videos: readonly number[], more: Partial<Call> = {}): Call {
  return {
    ...{ gateway: 0, ifPermanent: 'refuse', waitMs: 20_000, leavesAt: undefined, revokedAt: undefined },
    ...{ act, at, videos },
    ...more,
  };
}

function others(kind: 'remove' | 'restore', at: number, video = 0): Event {
  return { kind, at, video };
}

const OFF = (at: number): Event => ({ kind: 'switch', at, isOn: false });
const FRESH = { live: always(0), removed: always(0) };

export const KNOWN: readonly (readonly [string, History])[] = [
  [
    'deleted, restored, and deleted again after a switch-off: an old read passes for proof',
    {
      ...CALM,
      dialect: 'removed',
      calls: [call('delete', 5_000, [0]), call('restore', 5_100, [0]), call('delete', 5_200, [0])],
      events: [OFF(6_200)],
    },
  ],
  [
    'others remove a video just before it is deleted',
    {
      ...CALM,
      lags: { live: always(0), removed: always(1_900) },
      calls: [call('delete', 5_000, [0])],
      events: [others('remove', 4_700)],
    },
  ],
  [
    'others restore a video just before it is restored',
    {
      ...CALM,
      videos: ['removed', 'live', 'live', 'live'],
      lags: { live: always(1_900), removed: always(0) },
      calls: [call('restore', 5_000, [0])],
      events: [others('restore', 4_700)],
    },
  ],
  [
    'a video is deleted while it is restored',
    {
      ...CALM,
      videos: ['removed', 'live', 'live', 'live'],
      lags: { live: always(0), removed: always(1_900) },
      calls: [call('restore', 5_000, [0]), call('delete', 5_030, [0])],
    },
  ],
  [
    'a video is deleted again after the client of its deletion has left',
    {
      ...CALM,
      dialect: 'removed',
      secondDelete: 'harmless',
      lags: { live: always(500), removed: always(500) },
      calls: [call('delete', 5_000, [0], { leavesAt: 5_120 }), call('delete', 5_200, [0])],
    },
  ],
  [
    'the same, where a second DELETE destroys',
    {
      ...CALM,
      secondDelete: 'destroys',
      lags: { live: always(1_900), removed: always(1_900) },
      calls: [call('delete', 5_000, [0], { leavesAt: 5_120 }), call('delete', 5_200, [0, 1])],
    },
  ],
  [
    'many calls just after a proof, and a switch-off between',
    {
      ...CALM,
      videos: Array.from({ length: 30 }, () => 'live' as const),
      lags: FRESH,
      calls: Array.from({ length: 30 }, (_, video) => call('delete', video === 0 ? 5_000 : 5_500, [video])),
      events: [OFF(5_450)],
    },
  ],
  [
    'a restore that was answered 404 has no time for another',
    {
      ...CALM,
      lags: FRESH,
      calls: [call('restore', 5_000, [0], { waitMs: 0 })],
      events: [others('remove', 5_050)],
    },
  ],
  [
    'a deletion that was answered 404 has no time for another',
    {
      ...CALM,
      lags: { live: always(500), removed: always(500) },
      calls: [call('delete', 5_000, [0], { waitMs: 0 })],
      events: [others('remove', 5_000), others('restore', 5_120)],
    },
  ],
  [
    'two gateways delete the same probe video twice, and a second DELETE destroys',
    {
      ...CALM,
      secondDelete: 'destroys',
      gateways: [
        { ...GATEWAY, videoRestore: 'probe' },
        { ...GATEWAY, videoRestore: 'probe' },
      ],
      calls: [
        call('delete', 5_000, [1], { gateway: 1 }),
        call('delete', 6_000, [0]),
        call('delete', 6_010, [0]),
        call('delete', 6_020, [0]),
      ],
    },
  ],
  [
    'others remove what waits for the rate limit, and a second DELETE destroys',
    {
      ...CALM,
      secondDelete: 'destroys',
      lags: FRESH,
      limits: { reads: 500, writes: 2 },
      calls: [call('delete', 5_000, [0, 1, 2, 3], { ifPermanent: 'allow', waitMs: 60_000 })],
      events: [0, 1, 2, 3].map((video) => others('remove', 9_000, video)),
    },
  ],
  [
    'an answer is lost once Video Restore is on again, and a second DELETE destroys',
    {
      ...CALM,
      secondDelete: 'destroys',
      isRestoreOn: false,
      videos: Array.from({ length: 10 }, () => 'live' as const),
      lags: FRESH,
      weather: { ...CALM.weather, writeFaults: 0.5 },
      calls: [
        call('delete', 5_000, [0, 1, 2], { ifPermanent: 'allow' }),
        call('delete', 12_000, [3, 4, 5, 6, 7, 8, 9], { ifPermanent: 'allow', waitMs: 30_000 }),
      ],
      events: [{ at: 11_000, kind: 'switch', isOn: true }],
    },
  ],
  [
    'a client leaves while its videos are looked up',
    {
      ...CALM,
      lags: FRESH,
      calls: [call('delete', 5_000, [0, 1, 2, 3], { ifPermanent: 'allow', leavesAt: 5_030 })],
    },
  ],
  [
    'calls without time, one after the other, whose outcome nobody knows',
    {
      ...CALM,
      isRestoreOn: false,
      videos: Array.from({ length: 10 }, () => 'live' as const),
      weather: { ...CALM.weather, writeFaults: 1, readFaults: 0.9 },
      calls: Array.from({ length: 10 }, (_, video) =>
        call('delete', 5_000 + 3_000 * video, [video], { waitMs: 0 }),
      ),
    },
  ],
  [
    'a restore that upstream acknowledges, and carries out late or never, just after a deletion',
    {
      ...CALM,
      lags: { live: always(1_900), removed: always(0) },
      weather: { ...CALM.weather, lazy: 0.5 },
      calls: [call('delete', 5_000, [0]), call('restore', 5_200, [0])],
    },
  ],
  [
    'others restore what has just been deleted',
    {
      ...CALM,
      lags: { live: upTo(1_900), removed: always(800) },
      calls: [call('delete', 5_000, [0, 1, 2, 3], { ifPermanent: 'allow' })],
      events: [0, 1, 2, 3].map((video) => others('restore', 6_500, video)),
    },
  ],
  [
    'deletions that upstream acknowledges and does not carry out',
    {
      ...CALM,
      videos: Array.from({ length: 20 }, () => 'live' as const),
      lags: FRESH,
      weather: { ...CALM.weather, lazy: 0.1 },
      calls: [call('delete', 5_000, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])],
    },
  ],
];
