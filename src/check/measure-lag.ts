// Measures how late each place shows a write to the probe video: reads all places again and again until they show it.
import type { Dialect, Place } from '../upstream/dialects.ts';
import { toSearch } from '../upstream/list-query.ts';
import { readVideo, readVideoPage, ShapeError, type Video } from '../upstream/shapes.ts';
import type { HttpAnswer } from '../upstream/transport.ts';
import type { CheckClient } from './check-client.ts';
import { NotCheckedError } from './finding.ts';

export const VIEWS = ['live read', 'live list', 'removed read', 'removed list'] as const;
/** A place to look for the video. */
export type ProbeView = (typeof VIEWS)[number];

export type Goal = 'live' | 'removed';

/** In milliseconds from the answer to the write. */
export type Lag = {
  /** When the last read began that still showed the state before; 0 if none did. */
  staleMs: number;
  /** When the first read began that showed the write and was not contradicted; undefined if none did. */
  freshMs: number | undefined;
};

/** The latest lag of each view, over all rounds. */
export type Lags = Map<ProbeView, Lag>;

/** When to look, in milliseconds after the answer. */
const SCHEDULE_MS = [0, 250, 500, 1000, 1500, 2000, 2500, 3000, 3500, 4000, 5000, 6000, 8000, 10_000];
/** So many reads in a row must show the write: the next one may come from a copy that does not have it yet. */
const FRESH_IN_A_ROW = 2;

export type LagRound = {
  readonly client: CheckClient;
  readonly dialect: Dialect;
  readonly videoId: string;
  /** Narrows the lists to the probe video. */
  readonly tag: string;
  readonly goal: Goal;
  /** When the answer to the write came, on the clock of `performance.now()`. */
  readonly answeredAt: number;
  readonly views: readonly ProbeView[];
  /** The setting that the lag is compared with: there is a look at that very moment. */
  readonly assumedMs: number;
};

/** The video as the views show it at the end; undefined if none does. */
export type LagRoundEnd = { readonly video: Video | undefined; readonly unsettled: readonly ProbeView[] };

/** Looks until every view shows the write, at most ten seconds, and adds what it finds to the lags. */
export async function measureRound(round: LagRound, lags: Lags): Promise<LagRoundEnd> {
  const { client, answeredAt, goal, views } = round;
  const knownMs = Math.max(0, ...[...lags.values()].map(({ staleMs }) => staleMs));
  const tracks = new Map(views.map((view) => [view, { staleMs: 0, freshMs: 0, timesFresh: 0 }]));
  let open = views;
  let video: Video | undefined;
  for (const atMs of toSchedule(round.assumedMs, knownMs)) {
    await client.wait(answeredAt + atMs - performance.now());
    for (const [view, { video: shown, begunAt }] of await look(round, open)) {
      const track = tracks.get(view);
      if (!track) continue;
      const ms = Math.round(begunAt - answeredAt);
      if (shows(view, shown, goal)) {
        if (track.timesFresh === 0) track.freshMs = ms;
        track.timesFresh += 1;
        video = shown ?? video;
      } else {
        track.staleMs = ms;
        track.timesFresh = 0;
      }
    }
    open = open.filter((view) => (tracks.get(view)?.timesFresh ?? 0) < FRESH_IN_A_ROW);
    if (open.length === 0) break;
  }
  for (const [view, { staleMs, freshMs, timesFresh }] of tracks) {
    const earlier = lags.get(view) ?? { staleMs: 0, freshMs: 0 };
    const known = timesFresh > 0 ? earlier.freshMs : undefined;
    lags.set(view, {
      staleMs: Math.max(earlier.staleMs, staleMs),
      freshMs: known === undefined ? undefined : Math.max(known, freshMs),
    });
  }
  return { video, unsettled: views.filter((view) => tracks.get(view)?.timesFresh === 0) };
}

/** A later round needs no looks before the lag that is known, only whether it is longer this time. */
function toSchedule(assumedMs: number, knownMs: number): number[] {
  const times = [...SCHEDULE_MS, assumedMs, knownMs].filter((ms) => ms >= knownMs || ms === 0);
  return [...new Set(times)].toSorted((a, b) => a - b);
}

type Shown = { readonly video: Video | undefined; readonly begunAt: number };

/** One read of each path: in one dialect, two views are the same path. */
async function look(round: LagRound, views: readonly ProbeView[]): Promise<ReadonlyMap<ProbeView, Shown>> {
  const reads = new Map<string, Promise<Shown>>();
  for (const view of views) {
    const path = toPath(view, round);
    if (!reads.has(path)) reads.set(path, lookAt(view, path, round));
  }
  const shown = await Promise.all(
    views.map(async (view) => [view, await reads.get(toPath(view, round))] as const),
  );
  return new Map(shown.flatMap(([view, seen]) => (seen ? [[view, seen] as const] : [])));
}

async function lookAt(view: ProbeView, path: string, { client, videoId }: LagRound): Promise<Shown> {
  const begunAt = performance.now();
  return { video: findIn(view, await client.read(path), videoId), begunAt };
}

function findIn(view: ProbeView, answer: HttpAnswer, videoId: string): Video | undefined {
  if (answer.status === 404 && view.endsWith('read')) return undefined;
  if (answer.status !== 200)
    throw new NotCheckedError(`Looking for the probe video was answered with ${answer.status}.`);
  try {
    const videos = view.endsWith('list') ? readVideoPage(answer.body).videos : [readVideo(answer.body)];
    return videos.find(({ id }) => id === videoId);
  } catch (error) {
    if (error instanceof ShapeError)
      throw new NotCheckedError(`The probe video could not be read: ${error.message}.`);
    throw error;
  }
}

function toPath(view: ProbeView, { dialect, videoId, tag }: LagRound): string {
  const place: Place = view.startsWith('live') ? 'live' : 'removed';
  if (view.endsWith('read')) return dialect.videoPath[place](videoId);
  const query = { filter: { tags: [tag] }, currentPage: 1, pageSize: 100 };
  return `${dialect.listPath[place]}?${toSearch(query, dialect.listQuery[place])}`;
}

/** Whether a view shows what it should if the write has arrived. */
function shows(view: ProbeView, video: Video | undefined, goal: Goal): boolean {
  const place = view.startsWith('live') ? 'live' : 'removed';
  const isShownThere = video !== undefined && video.removed === (place === 'removed');
  return isShownThere === (place === goal);
}
