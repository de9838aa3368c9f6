// The query for a list of videos, and its form in upstream's query string.

export type VideoFilter = {
  /** Part of the title. */
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  /** Tags that the video must have, all of them. */
  readonly tags?: readonly string[] | undefined;
  /** Pairs that the video must have, all of them; each key once. */
  readonly metadata?: readonly { readonly key: string; readonly value: string }[] | undefined;
  readonly liveStreamId?: string | undefined;
};

export type ListQuery = {
  readonly filter?: VideoFilter | undefined;
  readonly sortBy?: 'title' | 'createdAt' | 'publishedAt' | 'updatedAt' | undefined;
  readonly sortOrder?: 'asc' | 'desc' | undefined;
  /** From 1. */
  readonly currentPage: number;
  /** 1 to 100. */
  readonly pageSize: number;
};

/** @param extra - parameters that the dialect adds. */
export function toSearch(query: ListQuery, extra: Readonly<Record<string, string>> = {}): string {
  const search = new URLSearchParams(extra);
  const { filter = {}, sortBy, sortOrder } = query;
  if (filter.title !== undefined) search.set('title', filter.title);
  if (filter.description !== undefined) search.set('description', filter.description);
  if (filter.liveStreamId !== undefined) search.set('liveStreamId', filter.liveStreamId);
  for (const tag of filter.tags ?? []) search.append('tags[]', tag);
  for (const { key, value } of filter.metadata ?? []) search.append(`metadata[${key}]`, value);
  if (sortBy !== undefined) search.set('sortBy', sortBy);
  if (sortOrder !== undefined) search.set('sortOrder', sortOrder);
  search.set('currentPage', String(query.currentPage));
  search.set('pageSize', String(query.pageSize));
  // Not every parser takes a plus for a blank.
  return search.toString().replaceAll('+', '%20');
}

/** Whether a query selects every video of a list. */
export function isUnfiltered({ filter = {} }: ListQuery): boolean {
  return Object.values(filter).every(
    (value) => value === undefined || (Array.isArray(value) && value.length === 0),
  );
}
