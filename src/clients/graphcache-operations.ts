// Drops lists from Graphcache while a durable operation goes on, so that urql reads them again when they are shown.
import type { Cache } from '@urql/exchange-graphcache';
import { toStart } from './graphcache-chains.ts';
import { readLists } from './graphcache-pages.ts';
import { LISTS } from './list-arguments.ts';
import type { Outdated } from './operation-news.ts';

export function outdateLists(cache: Cache, { lists, operations }: Outdated): void {
  if (lists === 'none' && !operations) return;
  const names = new Set<string>([...(lists === 'all' ? LISTS : []), ...(operations ? ['operations'] : [])]);
  const fields = cache.inspectFields('Query').filter(({ fieldName }) => names.has(fieldName));
  for (const { fieldKey } of fields) cache.invalidate('Query', fieldKey);
  if (lists !== 'unpaged') return;
  const unpaged = readLists(cache).filter(({ pages }) => pages.every(({ args }) => toStart(args) === null));
  for (const { fieldKey } of unpaged.flatMap(({ pages }) => pages)) cache.invalidate('Query', fieldKey);
}
