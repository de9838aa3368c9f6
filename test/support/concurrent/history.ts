// A history of one api.video project and of the gateways that write to it, fixed in advance: who acts when, and what goes
// wrong. Times are in milliseconds of virtual time.
import type { Place } from '../../../src/upstream/dialects.ts';

export type State = 'live' | 'removed' | 'absent';

/** How old a state a read of a place shows: the same for each read, or up to `maxMs`. */
export type Lag = { readonly kind: 'fixed' | 'random'; readonly maxMs: number };

/** The shares of requests that go wrong. */
export type Weather = {
  /** The fate of a request depends on this, on who sends it, and on how often they have sent it; on nothing else. */
  readonly seed: number;
  readonly writeFaults: number;
  readonly readFaults: number;
  /** Answers that take seconds. */
  readonly slow: number;
  /** Writes that upstream acknowledges at once and carries out later, or never. */
  readonly lazy: number;
};

/** Upstream fails every request for a while. */
export type Outage = {
  readonly at: number;
  readonly ms: number;
  readonly kind: 'failing' | 'unreachable' | 'silent';
};

/** What others do. `video`: an index. */
export type Event =
  | { readonly at: number; readonly kind: 'remove' | 'restore' | 'destroy'; readonly video: number }
  | { readonly at: number; readonly kind: 'switch'; readonly isOn: boolean };

export type GatewaySettings = {
  readonly videoRestore: 'probe' | 'on';
  readonly dialect: 'auto' | 'known';
  readonly concurrency: number;
  readonly timeoutMs: number;
  /** When the process stops: first it begins no writes, then it gives up. */
  readonly stops: { readonly drainsAt: number; readonly endsAt: number } | undefined;
};

export type Call = {
  readonly gateway: number;
  readonly at: number;
  readonly act: 'delete' | 'restore';
  /** Of a deletion. */
  readonly ifPermanent: 'refuse' | 'allow';
  /** Indices. */
  readonly videos: readonly number[];
  readonly waitMs: number;
  /** When its client disconnects. */
  readonly leavesAt: number | undefined;
  /** When upstream begins to refuse its credentials. */
  readonly revokedAt: number | undefined;
};

export type History = {
  readonly dialect: 'discarded' | 'removed';
  /** What a second DELETE of a removed video does: 404, 204 without effect, or 204 and the video is destroyed. */
  readonly secondDelete: 'refused' | 'harmless' | 'destroys';
  /** How far upstream's clock is ahead of ours. */
  readonly skewMs: number;
  /** Whether a restore's 200 shows the state before it, as upstream's sample does. */
  readonly restoreShowsBefore: boolean;
  readonly isRestoreOn: boolean;
  readonly videos: readonly State[];
  readonly lags: Readonly<Record<Place, Lag>>;
  readonly weather: Weather;
  readonly outages: readonly Outage[];
  /** Requests per minute; undefined if upstream names no limit. */
  readonly limits: { readonly reads: number; readonly writes: number } | undefined;
  readonly events: readonly Event[];
  readonly gateways: readonly GatewaySettings[];
  readonly calls: readonly Call[];
};

/** The oldest state that reads show, and the lag that the gateways are told. */
export const MAX_LAG_MS = 1_900;
export const LAG_MS = 2_000;

/** By how much the time of a removal may be off: the gateway's ± 2 s, a second for upstream's Date, and the way. */
export const TOLERANCE_MS = 3_100;

/** How long after a destroyed video calls may be refused: 60 s, and the time of an act. */
export const REFUSAL_HOLDS_MS = 62_000;

/** Calls begin from here on, so that others can act before the first one. */
export const START_MS = 5_000;

export function toVideoId(index: number): string {
  return `vi${index}`;
}
