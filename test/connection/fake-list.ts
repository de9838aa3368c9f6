// A list of upstream in memory: numbered pages over whatever the list holds at the moment of the read, with a collation
// for titles and an order of ties that the gateway cannot know.

import type { PagesOfList } from '../../src/connection/read-connection.ts';
import type { ListQuery } from '../../src/upstream/list-query.ts';
import type { Video, VideoPage } from '../../src/upstream/shapes.ts';

export type Upstream = {
  /** How items with the same order value follow one another. */
  readonly ties: 'by id' | 'by id, with the direction';
  readonly nulls: 'first' | 'last';
};

const COLLATOR = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
const START = Date.parse('2026-01-01T00:00:00Z');

export class FakeList implements PagesOfList {
  readonly queries: ListQuery[] = [];
  /** Called after each page was taken, before it is answered. */
  afterRead: () => void = () => {};
  readonly #videos = new Map<string, Video>();
  /** Sorted lists, until the list changes. */
  readonly #sorted = new Map<string, readonly Video[]>();
  readonly #upstream: Upstream;

  constructor(videos: readonly Video[], upstream: Upstream = { ties: 'by id', nulls: 'last' }) {
    for (const video of videos) this.insert(video);
    this.#upstream = upstream;
  }

  insert(video: Video): void {
    this.#videos.set(video.id, video);
    this.#sorted.clear();
  }

  remove(id: string): void {
    this.#videos.delete(id);
    this.#sorted.clear();
  }

  readonly page = async (query: ListQuery): Promise<VideoPage> => {
    const { currentPage, pageSize } = query;
    if (!(Number.isInteger(pageSize) && pageSize >= 1 && pageSize <= 100))
      throw new Error(`pageSize ${pageSize}`);
    if (!(Number.isInteger(currentPage) && currentPage >= 1)) throw new Error(`currentPage ${currentPage}`);
    this.queries.push(query);
    const start = (currentPage - 1) * pageSize;
    const videos = this.sorted(query).slice(start, start + pageSize);
    const page = { videos, total: this.#videos.size, received: videos.length, currentPage };
    this.afterRead();
    return page;
  };

  readonly roomFor = async () => ({ isEnough: true }) as const;

  ids(query: Pick<ListQuery, 'sortBy' | 'sortOrder'>): string[] {
    return this.sorted(query).map(({ id }) => id);
  }

  sorted({ sortBy, sortOrder }: Pick<ListQuery, 'sortBy' | 'sortOrder'>): readonly Video[] {
    const name = `${sortBy} ${sortOrder}`;
    const known = this.#sorted.get(name);
    if (known) return known;
    const sign = sortOrder === 'desc' ? -1 : 1;
    const tieSign = this.#upstream.ties === 'by id' ? 1 : sign;
    const nullSign = this.#upstream.nulls === 'first' ? -1 : 1;
    const keyed = [...this.#videos.values()].map((video) => {
      const text = sortBy ? video[sortBy] : null;
      return { video, key: text === null || sortBy === 'title' ? text : Date.parse(text) };
    });
    keyed.sort((a, b) => {
      const byId = (a.video.id < b.video.id ? -1 : 1) * tieSign;
      if (a.key === null || b.key === null)
        return a.key === b.key ? byId : a.key === null ? nullSign : -nullSign;
      return compareKeys(a.key, b.key) * sign || byId;
    });
    const sorted = keyed.map(({ video }) => video);
    this.#sorted.set(name, sorted);
    return sorted;
  }
}

function compareKeys(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return COLLATOR.compare(String(a), String(b));
}

/** A video whose instants lie so many seconds after a fixed moment. */
export function createVideo(id: string, second: number, given: Partial<Video> = {}): Video {
  const instant = toInstant(second);
  return {
    id,
    title: `Video ${id}`,
    description: null,
    tags: [],
    metadata: [],
    public: null,
    panoramic: null,
    mp4Support: null,
    language: null,
    playerId: null,
    createdAt: instant,
    publishedAt: instant,
    updatedAt: instant,
    removed: false,
    removedAt: null,
    deletesAt: null,
    assets: null,
    ...given,
  };
}

/** Written as upstream writes it, with an offset that is not always the same. */
export function toInstant(second: number): string {
  const offsetHours = Math.abs(second) % 3;
  const shifted = new Date(START + (second + offsetHours * 3_600) * 1_000).toISOString();
  return shifted.replace('.000Z', `+0${offsetHours}:00`);
}

/** Ids whose own order has nothing to do with the order of their times. */
export function createVideos(count: number, toSecond: (index: number) => number = (index) => index): Video[] {
  return Array.from({ length: count }, (_, index) => {
    const id = `vi${((index * 7_919) % 10_007).toString().padStart(5, '0')}`;
    return createVideo(id, toSecond(index));
  });
}
