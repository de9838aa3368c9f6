// The rule behind Apollo's and Graphcache's lists, against a model of upstream, with many more sequences than a gateway could
// answer: repeated results, results that arrive later, equal times, other orders, videos that no list has shown.
import { expect, test } from 'vitest';
import type { CachedList, Row } from '../../src/clients/cached-list.ts';
import { readResults } from '../../src/clients/changes.ts';
import { follow } from '../../src/clients/follow.ts';
import { type ListName, readArguments } from '../../src/clients/list-arguments.ts';
import { createRandom } from '../support/random.ts';

type Model = { id: string; createdAt: string; title: string; deletesAt: string | null };

const ORDERS = [
  undefined,
  { field: 'CREATED_AT', direction: 'ASC' },
  { field: 'TITLE', direction: 'ASC' },
  { field: 'DELETES_AT', direction: 'DESC' },
] as const;
const FIELDS = { CREATED_AT: 'createdAt', TITLE: 'title', DELETES_AT: 'deletesAt' } as const;

const LISTS = (['videos', 'removedVideos'] as const)
  .flatMap((name) =>
    ORDERS.flatMap((orderBy) => [
      { name, orderBy, title: '' },
      { name, orderBy, title: 'a' },
    ]),
  )
  .filter(({ name, orderBy }) => name === 'removedVideos' || orderBy?.field !== 'DELETES_AT');
type Spec = (typeof LISTS)[number];

const toTime = (minute: number) => new Date(1_700_000_000_000 + minute * 60_000).toISOString();

function createModel(seed: number) {
  const random = createRandom(seed);
  const draw = (count: number) => Math.floor(random() * count);
  const videos: Model[] = Array.from({ length: 24 }, (_, index) => ({
    id: `vi${index}`,
    // Some are equal.
    createdAt: toTime(draw(60)),
    title: draw(2) === 0 ? `a${index}` : `b${index}`,
    deletesAt: draw(3) === 0 ? toTime(10_000 + draw(100)) : null,
  }));
  const cached = new Map<Spec, CachedList>();
  const known = new Map<string, Model>();
  /** Lists that were read before another client changed something. */
  const outdated = new Set<Spec>();
  let now = 20_000;

  const readTruth = ({ name, orderBy, title }: Spec): Model[] => {
    const field = FIELDS[orderBy?.field ?? 'CREATED_AT'];
    const sign = orderBy?.direction === 'ASC' ? 1 : -1;
    const toKey = (video: Model) => `${video[field]}`;
    return videos
      .filter((video) => (video.deletesAt === null) === (name === 'videos') && video.title.includes(title))
      .toSorted((a, b) =>
        toKey(a) === toKey(b) ? (a.id < b.id ? -1 : 1) : toKey(a) < toKey(b) ? -sign : sign,
      );
  };
  const toCursor = (spec: Spec, video: Model) =>
    `${video[FIELDS[spec.orderBy?.field ?? 'CREATED_AT']]} ${video.id}`;
  const readPage = (spec: Spec, size: number, after: string | null) => {
    const sign = spec.orderBy?.direction === 'ASC' ? 1 : -1;
    const all = readTruth(spec);
    const isBehind = (video: Model) => {
      if (after === null) return true;
      const [value = '', id = ''] = after.split(' ');
      const own = `${video[FIELDS[spec.orderBy?.field ?? 'CREATED_AT']]}`;
      return own === value ? video.id > id : own < value === sign < 0;
    };
    const behind = all.filter(isBehind);
    const page = behind.slice(0, size);
    for (const video of page) known.set(video.id, { ...video });
    return { page, total: all.length, hasNext: behind.length > size };
  };

  return {
    random,
    draw,
    videos,
    cached,
    load(spec: Spec, isMore: boolean) {
      const before = isMore ? cached.get(spec) : undefined;
      if (before && !before.hasNext) return;
      if (!before) outdated.delete(spec);
      const { page, total, hasNext } = readPage(spec, 5, before?.endCursor ?? null);
      const rows: Row[] = page.map((video) => ({ id: video.id, cursor: toCursor(spec, video) }));
      cached.set(spec, {
        ...readArguments({ orderBy: spec.orderBy, filter: { title: spec.title } }),
        isFiltered: spec.title !== '',
        name: spec.name satisfies ListName,
        rows: [...(before?.rows ?? []), ...rows],
        hasRows: true,
        total,
        hasNext,
        hasPrevious: false,
        startCursor: rows[0]?.cursor ?? null,
        endCursor: rows.at(-1)?.cursor ?? before?.endCursor ?? null,
        isContiguous: true,
        memory: cached.get(spec)?.memory,
      });
    },
    interfere(video: Model) {
      now += 1;
      video.deletesAt = video.deletesAt === null ? toTime(now) : null;
      for (const spec of LISTS) outdated.add(spec);
    },
    /** Deletes or restores upstream, and returns the results. */
    act(video: Model, isRemoval: boolean) {
      const isDone = (video.deletesAt !== null) === isRemoval;
      // Videos that one call removes mostly get the same time.
      now += draw(2);
      if (!isDone) video.deletesAt = isRemoval ? toTime(now) : null;
      const { id, deletesAt } = video;
      return isRemoval
        ? { __typename: 'VideoRemoved', videoId: id, alreadyRemoved: isDone, video: { id, deletesAt } }
        : { __typename: 'VideoRestored', videoId: id, alreadyLive: isDone, video: { id, deletesAt } };
    },
    apply(results: readonly { videoId: string; video: { deletesAt: string | null } }[], isLate: boolean) {
      for (const { videoId, video } of results) {
        const entity = known.get(videoId);
        if (entity) entity.deletesAt = video.deletesAt;
      }
      for (const [spec, list] of cached) {
        const readField = (id: string, field: string) => Object(known.get(id))[field];
        const followed = follow(list, readResults(results, { isLate }), readField);
        if (followed === 'stale') cached.delete(spec);
        else if (followed !== 'same') cached.set(spec, { ...list, ...followed });
      }
    },
    findFaults(): string[] {
      return [...cached].flatMap(([spec, list]) => {
        if (outdated.has(spec)) return [];
        const truth = readTruth(spec).map(({ id }) => id);
        const rows = list.rows.map(({ id }) => id);
        const isTrue =
          list.total === truth.length &&
          rows.every((id, index) => id === truth[index]) &&
          (list.hasNext || rows.length === truth.length);
        return isTrue ? [] : [`${JSON.stringify(spec)}: ${rows} of ${list.total}, not ${truth}`];
      });
    },
    findGaps(): string[] {
      return [...cached.keys()].flatMap((spec) => {
        for (let page = 0; page < 10; page += 1) this.load(spec, true);
        return this.findFaults();
      });
    },
  };
}

test('every list that stays cached equals the truth, whatever was done in whatever order', {
  concurrent: false,
}, () => {
  let followed = 0;
  for (let seed = 1; seed <= 400; seed += 1) {
    const model = createModel(seed);
    const { draw, videos, cached } = model;
    for (let step = 0; step < 30; step += 1) {
      const spec = LISTS[draw(LISTS.length)];
      const die = draw(10);
      if (die < 5 && spec) {
        model.load(spec, die < 2);
        continue;
      }
      const other = videos[draw(60)];
      if (other) model.interfere(other);
      const before = cached.size;
      // Rows more often than not: what a page shows is what people tick.
      const rows = [...cached.values()].flatMap((list) => list.rows.map(({ id }) => id));
      const chosen = videos.filter(({ id }) => (rows.includes(id) && draw(4) === 0) || draw(40) === 0);
      const results = chosen.map((video) => model.act(video, draw(3) > 0 === (video.deletesAt === null)));
      const isLate = draw(4) === 0;
      // Later results come in any order, and lists may have been read anew since.
      if (isLate) {
        if (spec && draw(2) === 0) model.load(spec, false);
        results.reverse();
      }
      model.apply(results, isLate);
      expect(model.findFaults(), `seed ${seed}, step ${step}`).toEqual([]);
      followed += results.length > 0 && cached.size === before ? before : 0;
      if (draw(3) === 0) {
        model.apply(results, isLate);
        expect(model.findFaults(), `seed ${seed}, step ${step}, twice`).toEqual([]);
      }
    }
    expect(model.findGaps(), `seed ${seed}, paged on`).toEqual([]);
  }
  expect(followed).toBeGreaterThan(2_000);
});
