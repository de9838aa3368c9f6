// A Graphcache list whose pages are merged.
import type { Resolver } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';

/** Like `relayPagination`, which ignores a list queried without arguments: here, that page is taken as it is. */
export function relayList(): Resolver {
  const paginate = relayPagination();
  return (parent, args, cache, info) =>
    Object.keys(args).length === 0
      ? cache.resolve(info.parentKey, info.fieldName)
      : paginate(parent, args, cache, info);
}
