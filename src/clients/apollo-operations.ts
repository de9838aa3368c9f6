// Drops lists from Apollo Client's cache while a durable operation goes on, so that Apollo reads them again when they are shown.
import type { InMemoryCache } from '@apollo/client';
import { forgetIncomplete } from './apollo-internals.ts';
import { PAGED } from './apollo-pages.ts';
import { toObject } from './changes.ts';
import { LISTS } from './list-arguments.ts';
import { hearOf, type OperationNews, type Outdated } from './operation-news.ts';

type Cache = Pick<InMemoryCache, 'modify'>;

/**
 * Keeps `videos` and `removedVideos` up to date while an operation goes on. Call it with each state of the operation that the
 * app polls or is sent, in an effect rather than while rendering. A list that is shown is read again at most once in 10 seconds
 * while videos are settled, and at the end; one with more than one page loaded only at the end.
 */
export function followOperation(cache: Cache, operation: OperationNews | null | undefined): void {
  outdateLists(cache, hearOf(cache, operation, 'poll'));
}

export function outdateLists(cache: Cache, { lists, operations }: Outdated): void {
  if (lists === 'none' && !operations) return;
  forgetIncomplete(cache);
  if (operations) cache.modify({ fields: { operations: (_stored, { DELETE }) => DELETE } });
  if (lists === 'none') return;
  for (const name of LISTS) {
    cache.modify({
      fields: {
        [name]: (stored: unknown, { DELETE }) =>
          lists === 'unpaged' && toObject(stored)[PAGED] === true ? stored : DELETE,
      },
    });
  }
}
