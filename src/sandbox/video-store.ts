// The videos of one project: their true state, the state that reads show, and the sorted lists. It never changes a
// video in place; a write replaces it.
import { addRetention } from './create-video.ts';
import type { SandboxVideo } from './types.ts';
import { WriteLag } from './write-lag.ts';

export const SORT_KEYS = ['title', 'createdAt', 'publishedAt', 'updatedAt'] as const;
export type SortKey = (typeof SORT_KEYS)[number];
export type SortOrder = 'asc' | 'desc';

export type VideoState = 'live' | 'removed' | 'absent';

const titles = new Intl.Collator('en');

export class VideoStore {
  readonly #now: () => number;
  readonly #lag: WriteLag;
  readonly #videos = new Map<string, SandboxVideo>();
  /** Lists sorted since the last write, by state, sort key and order. */
  readonly #sorted = new Map<string, readonly SandboxVideo[]>();

  constructor(now: () => number, lagMs: number) {
    this.#now = now;
    this.#lag = new WriteLag(lagMs, now);
  }

  /** Adds videos without lag. Times become ISO with milliseconds, so that they sort as text. */
  add(videos: readonly SandboxVideo[]): void {
    for (const video of videos) this.#videos.set(video.videoId, normalize(video));
    this.#sorted.clear();
  }

  /** The true state of one video. */
  get(videoId: string): SandboxVideo | undefined {
    return this.#unlessExpired(this.#videos.get(videoId));
  }

  state(videoId: string): VideoState {
    return stateOf(this.get(videoId));
  }

  all(): SandboxVideo[] {
    return [...this.#videos.values()].filter((video) => this.#unlessExpired(video));
  }

  /** One video as reads show it. */
  see(videoId: string): SandboxVideo | undefined {
    return this.#unlessExpired(this.#lag.see(videoId, this.#videos.get(videoId)));
  }

  /** The videos that lists show, in order; ties are sorted by id, so that pages are stable. */
  list(state: 'live' | 'removed', sortBy: SortKey, order: SortOrder): readonly SandboxVideo[] {
    const pending = this.#lag.pendingIds();
    if (pending.length > 0) {
      const seen = new Set([...this.#videos.keys(), ...pending]);
      const videos = [...seen].map((videoId) => this.see(videoId));
      return sort(
        videos.filter((video) => video !== undefined),
        state,
        sortBy,
        order,
      );
    }
    const key = `${state} ${sortBy} ${order}`;
    const known = this.#sorted.get(key) ?? sort(this.#videos.values(), state, sortBy, order);
    this.#sorted.set(key, known);
    // The 90 days pass without a write, so a kept list may hold expired videos.
    return state === 'live' ? known : known.filter((video) => this.#unlessExpired(video));
  }

  put(video: SandboxVideo): void {
    this.#write(video.videoId, video);
  }

  remove(videoId: string): void {
    const video = this.get(videoId);
    if (!video) throw new Error(`There is no video ${videoId} to remove.`);
    if (video.removedAt !== null) return;
    const removedAt = new Date(this.#now()).toISOString();
    this.#write(videoId, { ...video, removedAt, deletesAt: addRetention(removedAt) });
  }

  restore(videoId: string): void {
    const video = this.get(videoId);
    if (!video) throw new Error(`There is no video ${videoId} to restore.`);
    if (video.removedAt === null) return;
    this.#write(videoId, { ...video, removedAt: null, deletesAt: null });
  }

  destroy(videoId: string): void {
    if (this.#videos.has(videoId)) this.#write(videoId, undefined);
  }

  #write(videoId: string, video: SandboxVideo | undefined): void {
    this.#lag.note(videoId, this.#videos.get(videoId));
    if (video) this.#videos.set(videoId, video);
    else this.#videos.delete(videoId);
    this.#sorted.clear();
  }

  #unlessExpired(video: SandboxVideo | undefined): SandboxVideo | undefined {
    if (!video?.deletesAt) return video;
    return Date.parse(video.deletesAt) > this.#now() ? video : undefined;
  }
}

export function stateOf(video: SandboxVideo | undefined): VideoState {
  if (!video) return 'absent';
  return video.removedAt === null ? 'live' : 'removed';
}

function sort(
  videos: Iterable<SandboxVideo>,
  state: VideoState,
  key: SortKey,
  order: SortOrder,
): SandboxVideo[] {
  const sign = order === 'asc' ? 1 : -1;
  const compare = key === 'title' ? titles.compare : compareText;
  return Array.from(videos)
    .filter((video) => stateOf(video) === state)
    .sort((a, b) => sign * compare(a[key], b[key]) || compareText(a.videoId, b.videoId));
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function normalize(video: SandboxVideo): SandboxVideo {
  const iso = (time: string) => new Date(time).toISOString();
  const removedAt = video.removedAt === null ? null : iso(video.removedAt);
  return {
    ...video,
    createdAt: iso(video.createdAt),
    publishedAt: iso(video.publishedAt),
    updatedAt: iso(video.updatedAt),
    removedAt,
    deletesAt: removedAt === null ? null : iso(video.deletesAt ?? addRetention(removedAt)),
  };
}
