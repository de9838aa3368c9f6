// A list of Graphcache whose pages are merged.
import type { Resolver } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';

/** As `relayPagination`, which passes over a list that is asked for without arguments: that page is taken as it is. */
export function relayList(): Resolver {
  const paginate = relayPagination();
  return (parent, args, cache, info) =>
    Object.keys(args).length === 0
      ? cache.resolve(info.parentKey, info.fieldName)
      : paginate(parent, args, cache, info);
}
