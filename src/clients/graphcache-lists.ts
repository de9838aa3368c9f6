// Keeps the lists in Graphcache true after a deletion or a restore. A list whose new state the cache does not prove is
// dropped from it, so that urql reads it again when it is shown.
import { gql } from '@urql/core';
import type { Cache, CacheExchangeOpts } from '@urql/exchange-graphcache';
import { type CachedList, type FollowedList, type ReadField, readMemory } from './cached-list.ts';
import { type Change, readAnswer, readOperations, readResults, toObject } from './changes.ts';
import { follow } from './follow.ts';
import { outdateLists } from './graphcache-operations.ts';
import { readLists, writePage } from './graphcache-pages.ts';
import { type Part, placeRows, toCachedList, toParts } from './graphcache-parts.ts';
import { hearOf } from './operation-news.ts';

type Updates = NonNullable<CacheExchangeOpts['updates']>;
type Updater = Extract<Updates[string], object>[string];

const updateVideoLists: Updater = (result, _args, cache, { fieldName, optimistic }) => {
  const answer = { payload: result[fieldName] };
  applyChanges(cache, readAnswer(answer), optimistic === true);
  if (optimistic) return;
  for (const operation of readOperations(answer)) outdateLists(cache, hearOf(cache, operation, 'call'));
};

/** The field has one operation or several, or is null after an error. */
const followOperations: Updater = (result, _args, cache, { fieldName }) => {
  for (const operation of [result[fieldName]].flat()) outdateLists(cache, hearOf(cache, operation, 'stream'));
};

/**
 * Moves videos between the cached lists of `videos` and `removedVideos`, and changes their totals. While the app is subscribed to
 * a durable operation that goes on, they are read again: at most once in 10 seconds, and at the end; a list with more than one page
 * loaded only at the end. Not so if the app polls: Graphcache reads nothing again because of a query's answer.
 */
export const updates = {
  Mutation: {
    deleteVideos: updateVideoLists,
    restoreVideos: updateVideoLists,
    undoOperation: updateVideoLists,
  },
  Subscription: { operation: followOperations, operations: followOperations },
} satisfies Updates;

/** The same for results that arrive later than their call. A list whose total they leave open is read again. */
export function applyResults(cache: Cache, results: readonly unknown[]): void {
  applyChanges(cache, readResults(results, { isLate: true }), false);
}

/** Fields of the root, beside the lists. A name with two underscores is none of the schema's. */
const MEMORIES = '__followed';
const KEPT = '__kept';

function applyChanges(cache: Cache, changes: readonly Change[], isExpectation: boolean): void {
  if (changes.length === 0) return;
  const remembered = toObject(cache.resolve('Query', MEMORIES));
  const toKey = (id: string) => cache.keyOfEntity({ __typename: 'Video', id });
  const readField = (id: string, field: string) => cache.resolve(toKey(id), field);
  const hasFields = (id: string, like: string) => hasFieldsOf(cache, toKey(id), toKey(like));
  const memories: { [key: string]: unknown } = {};
  const dropped: string[] = [];
  let isChanged = false;
  for (const list of readLists(cache)) {
    /** What each total of the list's chains is now, for pages that show the same total alone. */
    const totals = new Map<number | undefined, number | undefined>();
    for (const part of toParts(cache, list)) {
      const memory = readMemory(remembered[part.key]);
      const before = toCachedList(part, memory);
      const proven = part.kind === 'total' ? totals.get(before.total) : undefined;
      const followed =
        proven === undefined
          ? followPart(part, before, changes, { readField, hasFields })
          : { rows: [], total: proven, memory: undefined };
      // While an answer is only expected, a new read would show the list from before it.
      if (followed === 'same' || (followed === 'stale' && isExpectation)) {
        memories[part.key] = memory;
        // It proves that the answer has been counted before.
        if (followed === 'same' && part.kind === 'chain') totals.set(before.total, before.total);
        continue;
      }
      isChanged = true;
      if (followed === 'stale') dropped.push(...part.pages.map(({ page }) => page.fieldKey));
      else {
        memories[part.key] = followed.memory;
        if (part.kind === 'chain') totals.set(before.total, followed.total);
        writePart(cache, part, followed);
      }
    }
  }
  if (!isChanged) return;
  // Only now, because a page may be in a second chain, which has written it.
  for (const fieldKey of dropped) cache.invalidate('Query', fieldKey);
  cache.writeFragment(gql(`fragment Memories on Query { ${MEMORIES} }`), {
    __typename: 'Query',
    [MEMORIES]: memories,
  });
  // Without a link, Graphcache forgets a video that is in no list, and an undone row would have no title.
  const known = Object.values(memories).flatMap((memory) => readMemory(memory)?.places ?? []);
  const kept = new Set([...known.map(({ id }) => id), ...changes.map(({ id }) => id)]);
  const isCached = (id: string) => cache.resolve(toKey(id), '__typename') !== undefined;
  cache.link('Query', KEPT, [...kept].filter(isCached).map(toKey));
}

type Videos = { readonly readField: ReadField; readonly hasFields: (id: string, like: string) => boolean };

function followPart(
  { kind, name }: Part,
  before: CachedList,
  changes: readonly Change[],
  { readField, hasFields }: Videos,
): FollowedList | 'stale' | 'same' {
  const followed = follow(before, changes, readField);
  if (followed === 'same' || followed === 'stale') return followed;
  const own = name === 'videos' ? 'live' : 'removed';
  if (kind === 'opaque' || (kind === 'loose' && changes.some(({ to }) => to === own))) return 'stale';
  const old = new Set(before.rows.map(({ id }) => id));
  const known = before.rows.length > 0 ? before.rows : (before.memory?.places ?? []);
  const isReadable = followed.rows.every(
    ({ id }) => old.has(id) || known.length === 0 || known.slice(0, 5).some((row) => hasFields(id, row.id)),
  );
  return isReadable ? followed : 'stale';
}

/**
 * Whether a video has every field that another one has, the fields of its parts included. If a row lacked a field that
 * the list asks for, Graphcache would show no list at all.
 */
function hasFieldsOf(cache: Cache, entity: string | null, like: string | null, depth = 0): boolean {
  if (entity === null || like === null || entity === like) return true;
  return cache.inspectFields(like).every(({ fieldKey }) => {
    const known = cache.resolve(like, fieldKey);
    const value = cache.resolve(entity, fieldKey);
    if (known === undefined) return true;
    if (value === undefined) return false;
    const isPart = typeof known === 'string' && typeof value === 'string' && depth < 2;
    return !isPart || hasFieldsOf(cache, value, known, depth + 1);
  });
}

function writePart(
  cache: Cache,
  { name, pages, shape }: Part,
  { rows, total }: Pick<FollowedList, 'rows' | 'total'>,
) {
  for (const [index, own] of placeRows(pages, rows).entries()) {
    const page = pages[index];
    if (!page) continue;
    const isSame = own.length === page.rows.length && own.every(({ id }, at) => id === page.rows[at]?.id);
    if (!isSame || total !== page.page.total) writePage(cache, name, page.page, { rows: own, shape, total });
  }
}
