// Lets Graphcache show deletions and restores before the gateway has answered.
import type { OptimisticMutationConfig } from '@urql/exchange-graphcache';
import { assumeRemoved, assumeRestored } from './optimistic.ts';

/** Assumes that each video succeeds. Give it to `cacheExchange`; the lists follow it by `updates`. */
export const optimistic: OptimisticMutationConfig = {
  deleteVideos: ({ ids }) => assumeRemoved(toIds(ids)).deleteVideos ?? null,
  restoreVideos: ({ ids }) => assumeRestored(toIds(ids)).restoreVideos ?? null,
};

/** GraphQL takes a single id for a list of one. */
function toIds(given: unknown): readonly string[] {
  const ids: readonly unknown[] = Array.isArray(given) ? given : [given];
  return ids.filter((id) => typeof id === 'string');
}
