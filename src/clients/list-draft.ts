// The next state of one cached list, while `follow` applies changes to it. It keeps the places of rows that have left.
import type { CachedList, FollowedList, Memory, ReadField, Row } from './cached-list.ts';

export type Draft = {
  readonly list: CachedList;
  /** Whether every video of the list has its row. */
  readonly isWhole: boolean;
  /** Whether the total is newer than the rows: they are all that there was, and it counts more or fewer. */
  readonly isOutdated: boolean;
  hasRow(id: string): boolean;
  /** Whether the total is known not to count it. */
  hasLeft(id: string): boolean;
  /** Whether the total is known to count it, though it has no row. */
  isCounted(id: string): boolean;
  /** Counts a video out of the total, and drops its row if it has one. */
  remove(id: string): void;
  /** Whether it has no row though its place is among the loaded ones: then no page that was read had it. */
  isMissing(id: string): boolean;
  /** Undefined if the place is unknown. */
  findPlace(id: string, deletesAt: string | undefined): Target | undefined;
  /** Counts it, and gives it its row if that belongs among the loaded ones. */
  insert(id: string, target: Target): void;
  finish(): FollowedList | 'stale' | 'same';
};

/** A place that it has had, one before the row with that index, or one on a page that is not loaded. */
type Target = 'its own' | number | 'elsewhere';

type Compare = (a: string, b: string) => number;

type Place = { readonly id: string; readonly cursor: string | null; isHere: boolean };

/** A removal or a restore changes these fields. In a list that one of them orders, a video's old place says nothing. */
const CHANGING = new Set(['deletesAt', 'updatedAt']);
/** Instants that a removal and a restore leave as they are. How api.video sorts texts is unknown. */
const FIXED = new Set(['createdAt', 'publishedAt']);

export function createDraft(list: CachedList, readField: ReadField): Draft {
  const { rows, memory, order } = list;
  // The flags may be older than the total: then the next page is still asked for behind the last cursor.
  const { hasNext, hasPrevious } = list;
  const isEnded = list.hasRows && !hasNext && !hasPrevious;
  const isWhole = list.total === undefined ? isEnded : list.hasRows && list.total === rows.length;
  const isOutdated = isEnded && !isWhole;
  const isCurrent = memory !== undefined && memory.total === (list.total ?? null);
  const left = new Set(isCurrent ? memory.left : []);
  const counted = new Set(isCurrent ? memory.counted : []);
  let added = 0;
  let isChanged = false;

  const isByInstant = FIXED.has(order.field) || order.field === 'deletesAt';
  /** Each is parsed once: a thousand new rows are compared with each other. */
  const instants = new Map<string, number>();
  const readInstant = (id: string): number => {
    const known = instants.get(id);
    if (known !== undefined) return known;
    // Date.parse takes some titles for dates.
    const instant = isByInstant ? toInstant(readField(id, order.field)) : Number.NaN;
    instants.set(id, instant);
    return instant;
  };
  const compare: Compare = (a, b) => {
    const difference = readInstant(a) - readInstant(b);
    // api.video cannot order by deletesAt. The gateway does, and sorts equal ones by id in both directions.
    if (difference === 0 && order.field === 'deletesAt') return a < b ? -1 : Number(a > b);
    return order.isAscending ? difference : -difference;
  };
  const { places, isStartKnown, isEndKnown } = findPlaces(list, compare);
  const byId = new Map(places.map((place) => [place.id, place]));

  /** The place among the loaded rows, or undefined if it is unknown. */
  const findIndex = (id: string): number | 'elsewhere' | undefined => {
    if (!list.isContiguous || Number.isNaN(readInstant(id))) return undefined;
    let index = 0;
    for (const [at, each] of places.entries()) {
      const difference = compare(each.id, id);
      const isEdge = (at === 0 && hasPrevious) || (at === places.length - 1 && hasNext);
      // Equal instants are in an order that only api.video knows. That matters for an old place too, if it can be taken again.
      const isTaken = each.isHere || isEdge || (each.id !== id && !CHANGING.has(order.field));
      if (!(difference < 0 || difference > 0) && isTaken) return undefined;
      if (difference < 0) index = at + 1;
      if (difference > 0) break;
    }
    if (index === places.length && hasNext) return isEndKnown && places.length > 0 ? 'elsewhere' : undefined;
    if (index === 0 && hasPrevious) return isStartKnown && places.length > 0 ? 'elsewhere' : undefined;
    return index;
  };

  const count = (by: 1 | -1, id: string): void => {
    added += by;
    isChanged = true;
    if (by === 1) left.delete(id);
    else left.add(id);
    counted.delete(id);
  };

  return {
    list,
    isWhole,
    isOutdated,
    hasRow: (id) => byId.get(id)?.isHere === true,
    hasLeft: (id) => left.has(id),
    isCounted: (id) => counted.has(id),
    remove(id) {
      const place = byId.get(id);
      if (place) place.isHere = false;
      count(-1, id);
    },
    isMissing(id) {
      if (byId.has(id) && !CHANGING.has(order.field)) return true;
      return list.hasRows && typeof findIndex(id) === 'number';
    },
    findPlace(id, deletesAt) {
      if (!list.hasRows) return 'elsewhere';
      if (byId.has(id) && !CHANGING.has(order.field)) return 'its own';
      if (order.field === 'deletesAt') instants.set(id, toInstant(deletesAt));
      return findIndex(id);
    },
    insert(id, target) {
      count(1, id);
      const old = byId.get(id);
      if (target === 'its own' && old) {
        old.isHere = true;
        return;
      }
      // Its cursor may be the one at which the loaded pages end, so the old place stays, without a video.
      if (old) places[places.indexOf(old)] = { ...old, id: '' };
      byId.delete(id);
      if (typeof target === 'number') {
        const place = { id, cursor: null, isHere: true };
        places.splice(target, 0, place);
        byId.set(id, place);
      } else counted.add(id);
    },
    finish() {
      if (!isChanged) return 'same';
      const here = places.filter(({ isHere }) => isHere).map(({ id, cursor }) => ({ id, cursor }));
      const total = list.total === undefined ? undefined : list.total + added;
      // The pages were read at different times, and contradict each other.
      if (total !== undefined && total < here.length) return 'stale';
      const remembered: Memory = {
        total: total ?? null,
        places: places.map(({ id, cursor }) => ({ id, cursor })),
        left: [...left],
        counted: [...counted],
      };
      return { rows: here, total, memory: remembered };
    },
  };
}

const toInstant = (value: unknown): number => (typeof value === 'string' ? Date.parse(value) : Number.NaN);

/** The rows, and between them those that have left; none beyond the cursors at which the loaded pages end. */
function findPlaces(list: CachedList, compare: Compare) {
  const { rows, memory, startCursor, endCursor, hasPrevious, hasNext } = list;
  const places = weave(rows, memory?.places ?? [], compare);
  const isStartKnown = cutAtEnd(places.reverse(), hasPrevious, startCursor);
  const isEndKnown = cutAtEnd(places.reverse(), hasNext, endCursor);
  return { places, isStartKnown, isEndKnown };
}

/**
 * @param compare negative if the first comes before the second, by what orders the list; NaN if unknown. It decides about
 * places whose neighbours are no longer the same.
 */
function weave(rows: readonly Row[], known: readonly Row[], compare: Compare): Place[] {
  const ids = new Set(rows.map(({ id }) => id));
  const cursors = new Map(known.map(({ id, cursor }) => [id, cursor]));
  const runs = new Map<string | undefined, { places: Place[]; next: string | undefined }>();
  let previous: string | undefined;
  for (const { id, cursor } of known) {
    const run = runs.get(previous) ?? { places: [], next: undefined };
    if (ids.has(id)) {
      runs.set(previous, { ...run, next: id });
      previous = id;
    } else {
      run.places.push({ id, cursor, isHere: false });
      runs.set(previous, run);
    }
  }
  const findLeft = (before: string | undefined, after: string | undefined): Place[] => {
    const { places = [], next } = runs.get(before) ?? {};
    if (next === after) return places;
    const isBetween = ({ id }: Place) =>
      (before === undefined || compare(before, id) < 0) && (after === undefined || compare(id, after) < 0);
    return places.filter(isBetween);
  };
  return [
    ...findLeft(undefined, rows[0]?.id),
    ...rows.flatMap(({ id, cursor }, index) => [
      { id, cursor: cursor || (cursors.get(id) ?? null), isHere: true },
      ...findLeft(id, rows[index + 1]?.id),
    ]),
  ];
}

/** Drops places behind the page's last cursor. Returns whether it is known which row that cursor names. */
function cutAtEnd(places: Place[], hasMore: boolean, cursor: string | null): boolean {
  if (!hasMore || places.length === 0) return true;
  const lastRow = findLast(places, ({ isHere }) => isHere);
  const named = cursor === null ? -1 : findLast(places, (place) => place.cursor === cursor);
  if (named >= 0) {
    places.length = Math.max(named, lastRow) + 1;
    return named >= lastRow;
  }
  places.length = lastRow + 1;
  const last = places.at(-1);
  if (last === undefined || last.cursor !== null) return false;
  // The app asks for no cursors of rows: the page ends with its last row.
  places[places.length - 1] = { ...last, cursor };
  return cursor !== null;
}

function findLast(places: readonly Place[], matches: (place: Place) => boolean): number {
  let found = -1;
  for (const [index, place] of places.entries()) if (matches(place)) found = index;
  return found;
}
