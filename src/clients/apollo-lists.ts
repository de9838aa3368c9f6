// Keeps the lists in Apollo Client's cache true after a deletion or a restore. A list whose new state the cache does not
// prove is dropped from it, so that Apollo reads it again when it is shown.
import type { InMemoryCache, Reference } from '@apollo/client';
import { forgetIncomplete, isOptimistic } from './apollo-internals.ts';
import { outdateLists } from './apollo-operations.ts';
import { MEMORY } from './apollo-pages.ts';
import { type CachedList, type FollowedList, type Row, readMemory } from './cached-list.ts';
import { type Change, readAnswer, readOperations, readResults, toObject } from './changes.ts';
import { follow } from './follow.ts';
import { LISTS, type ListName, parseArguments, readArguments } from './list-arguments.ts';
import { hearOf } from './operation-news.ts';

type Cache = Pick<InMemoryCache, 'modify'>;
type Stored = { readonly [name: string]: unknown };

/** If the app did not ask for the ids of the rows, they are unknown, and the list counts as one without rows. */
type StoredList = CachedList & { readonly hasUnknownRows: boolean };

/** What Apollo gives a modifier, as far as it is needed here. */
type Access = {
  readonly readField: (fieldName: string, from: Reference) => unknown;
  readonly canRead: (value: Reference) => boolean;
  readonly isReference: (value: unknown) => boolean;
  readonly toReference: (video: { __typename: string; id: string }) => Reference | undefined;
};

/**
 * Moves videos between the cached lists of `videos` and `removedVideos`, and changes their totals, as the answer of
 * `deleteVideos`, `restoreVideos` or `undoOperation` says. Give it to a mutation as `update`; it works with optimistic answers
 * too. If the call is a durable operation that has ended, the lists are read again.
 */
export function updateVideoLists(cache: Cache, result: { readonly data?: unknown }): void {
  applyChanges(cache, readAnswer(result.data));
  if (isOptimistic(cache)) return;
  for (const operation of readOperations(result.data)) outdateLists(cache, hearOf(cache, operation, 'call'));
}

/** The same for results that arrive later than their call. A list whose total they leave open is read again. */
export function applyResults(cache: Cache, results: readonly unknown[]): void {
  applyChanges(cache, readResults(results, { isLate: true }));
}

function applyChanges(cache: Cache, changes: readonly Change[]): void {
  if (changes.length === 0) return;
  const isExpectation = isOptimistic(cache);
  if (!isExpectation) forgetIncomplete(cache);
  for (const name of LISTS) {
    cache.modify({
      fields: {
        [name]: (stored: unknown, { DELETE, storeFieldName, ...access }) => {
          const list = readList(name, storeFieldName, toObject(stored), access);
          const followed = list ? followList(list, changes, access) : 'same';
          // While an answer is only expected, a new read would show the list from before it.
          if (followed === 'same' || (followed === 'stale' && isExpectation)) return stored;
          return followed === 'stale' ? DELETE : writeList(toObject(stored), followed, access);
        },
      },
    });
  }
}

function followList(list: StoredList, changes: readonly Change[], access: Access) {
  const followed = follow(list, changes, createReadField(access));
  // Which of the unknown rows leaves, only a new read shows.
  return list.hasUnknownRows && followed !== 'same' ? 'stale' : followed;
}

const createReadField =
  ({ toReference, canRead, readField }: Access) =>
  (id: string, field: string): unknown => {
    const video = toReference({ __typename: 'Video', id });
    return video && canRead(video) ? readField(field, video) : undefined;
  };

function readList(
  name: ListName,
  storeFieldName: string,
  stored: Stored,
  access: Access,
): StoredList | undefined {
  const { edges, nodes, totalCount } = stored;
  if (edges === undefined && nodes === undefined && typeof totalCount !== 'number') return undefined;
  const given = parseArguments(storeFieldName.slice(name.length));
  const { hasNextPage, hasPreviousPage, startCursor, endCursor } = toObject(stored.pageInfo);
  const known = toKnownRows(stored, access);
  const hasUnknownRows = toEdges(stored).some(({ node }) => !access.isReference(node));
  return {
    ...readArguments(given),
    name,
    rows: hasUnknownRows ? [] : known.map(({ id, edge }) => ({ id, cursor: toCursor(edge.cursor) })),
    hasRows: !hasUnknownRows && (edges !== undefined || nodes !== undefined),
    hasUnknownRows,
    total: typeof totalCount === 'number' ? totalCount : undefined,
    hasNext: hasNextPage !== false,
    hasPrevious: hasPreviousPage === true,
    startCursor: toCursor(startCursor),
    endCursor: toCursor(endCursor),
    // Without the policies that this package ships, each page is a list of its own.
    isContiguous: !('after' in given || 'before' in given || 'last' in given),
    memory: readMemory(stored[MEMORY]),
  };
}

function writeList(stored: Stored, { rows, total, memory }: FollowedList, access: Access): Stored {
  const known = new Map(toKnownRows(stored, access).map(({ id, edge }) => [id, edge]));
  const edges = rows.map((row) => known.get(row.id) ?? createEdge(row, access));
  return {
    ...stored,
    ...(total === undefined ? {} : { totalCount: total }),
    ...('edges' in stored ? { edges } : {}),
    ...('nodes' in stored ? { nodes: edges.map(({ node }) => node) } : {}),
    [MEMORY]: { ...memory, places: keepVideos(memory.places, new Set(rows.map(({ id }) => id)), access) },
  };
}

/** With a reference to each video that has left: without one, `cache.gc()` would drop it, and an undone row have no title. */
function keepVideos(
  places: readonly Row[],
  rows: ReadonlySet<string>,
  { toReference }: Access,
): readonly Stored[] {
  return places.map((place) => {
    const hasLeft = place.id !== '' && !rows.has(place.id);
    return hasLeft ? { ...place, node: toReference({ __typename: 'Video', id: place.id }) } : { ...place };
  });
}

/** No text is no cursor: a row from elsewhere has none in this list, and Apollo pages on by `pageInfo`. */
const createEdge = ({ id, cursor }: Row, { toReference }: Access): Stored => ({
  __typename: 'VideoEdge',
  cursor: cursor ?? '',
  node: toReference({ __typename: 'Video', id }),
});

function toEdges({ edges, nodes }: Stored): readonly Stored[] {
  if (Array.isArray(edges)) return edges.map(toObject);
  return Array.isArray(nodes) ? nodes.map((node) => ({ node })) : [];
}

/** Without those whose video is evicted, which Apollo does not show either. */
function toKnownRows(stored: Stored, { readField, isReference }: Access) {
  return toEdges(stored).flatMap((edge) => {
    const { node } = edge;
    const id = isReference(node) ? readField('id', { __ref: String(toObject(node).__ref) }) : undefined;
    return typeof id === 'string' ? [{ id, edge }] : [];
  });
}

const toCursor = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value : null;
