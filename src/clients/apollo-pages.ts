// The pages of a list in Apollo Client's cache: one list of edges, for queries for `edges` and for `nodes`. Apollo's own policy
// for Relay's lists merges the edges; it knows no `nodes`, and would show an answer without rows as an empty list.

import type { FieldFunctionOptions, FieldPolicy, Reference, StoreObject } from '@apollo/client';
import { relayStylePagination } from './apollo-utilities.ts';
import { readMemory } from './cached-list.ts';
import { toObject } from './changes.ts';

type Row = Reference | StoreObject;
type Edge = StoreObject & { readonly node: Row; readonly cursor?: string };

/** Without `edges` as long as the list was asked for other fields only, such as `totalCount`. */
type StoredList = StoreObject & { readonly edges?: readonly Edge[] };
type Page = StoredList & { readonly nodes?: readonly Row[] };

/** A member of the stored list that no query asks for: what `updateVideoLists` remembers of it. */
export const MEMORY = '__followed';
/** Another one: whether a page has been added to the first. */
export const PAGED = '__paged';

/** @param keyArgs the arguments that distinguish the lists of one field */
export function createListPolicy(
  keyArgs: string[],
  edgeType: string,
): FieldPolicy<StoredList | null, Page | null> {
  const relay: FieldPolicy = relayStylePagination(keyArgs);
  const { read, merge } = relay;
  if (typeof read !== 'function' || typeof merge !== 'function') return relay;

  return {
    keyArgs,
    merge(existing, incoming, options) {
      // Null is a list that could not be read.
      if (!incoming) return existing ?? null;
      const { nodes, ...page } = incoming;
      const edges = page.edges ?? nodes?.map((node) => ({ __typename: edgeType, node }));
      const kept = existing?.edges ? existing : undefined;
      const position = readPosition(options.args);
      const joined = kept && edges && position ? keepEdges(kept, edges, position, options) : kept?.edges;
      // An answer without rows does not say where the rows that are there begin and end, nor does a page that joins none of them.
      if (!edges || (kept && !joined)) {
        return { ...existing, ...page, ...(kept && { edges: kept.edges, pageInfo: kept.pageInfo }) };
      }
      const merged = merge(kept && { ...kept, edges: joined }, { ...page, edges }, options);
      return { ...existing, ...merged, [PAGED]: position !== undefined };
    },
    read(existing, options) {
      if (!existing?.edges) return existing;
      const list = read(existing, options);
      return { ...list, nodes: list.edges.map((edge: Edge) => options.readField('node', edge)) };
    },
  };
}

/** The page is behind the row of that cursor, or before it. */
type Position = { readonly side: 'after' | 'before'; readonly cursor: string };

function readPosition(args: unknown): Position | undefined {
  const { after, before } = toObject(args);
  if (typeof after === 'string' && after !== '') return { side: 'after', cursor: after };
  if (typeof before === 'string' && before !== '') return { side: 'before', cursor: before };
  return undefined;
}

/**
 * The loaded edges up to the cursor at which a page is added, without videos that the page has as well. A deletion may have
 * taken the cursor's row: then Apollo's policy would add the page to all rows, also to those that an earlier read had added.
 * Undefined if rows are missing between these edges and the page, because the list was read from its start meanwhile.
 */
function keepEdges(
  { edges = [], pageInfo, [MEMORY]: memory }: StoredList,
  page: readonly Edge[],
  { side, cursor }: Position,
  { readField }: FieldFunctionOptions,
): readonly Edge[] | undefined {
  const inDirection = <T>(items: readonly T[]) => (side === 'after' ? items : [...items].reverse());
  const isAtCursor = (each: { readonly cursor?: string | null }) => each.cursor === cursor;
  const added = new Set(page.flatMap(({ node }) => toRef(node) ?? []));
  const isAdded = ({ node }: Edge) => added.has(toRef(node) ?? '');
  const ordered = inDirection(edges);
  const findEnd = (): number | undefined => {
    const index = ordered.findIndex(isAtCursor);
    if (index >= 0) return index + 1;
    const places = inDirection(readMemory(memory)?.places ?? []);
    const place = places.findIndex(isAtCursor);
    const behind = new Set<unknown>(places.slice(place + 1).map(({ id }) => id));
    const next = ordered.findIndex(
      (edge) => isAdded(edge) || (place >= 0 && behind.has(readField('id', edge.node))),
    );
    if (next >= 0) return next;
    const { startCursor, endCursor } = toObject(pageInfo);
    const last = (side === 'after' ? endCursor : startCursor) ?? cursor;
    return last === cursor ? ordered.length : undefined;
  };
  const end = findEnd();
  return end === undefined ? undefined : inDirection(ordered.slice(0, end).filter((edge) => !isAdded(edge)));
}

const toRef = (node: Row): string | undefined => (typeof node.__ref === 'string' ? node.__ref : undefined);
