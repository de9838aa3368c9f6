// What a request asks for, in either dialect.
import type { Place } from '../../../src/upstream/dialects.ts';
import type { HttpRequest } from '../../../src/upstream/transport.ts';
import type { History } from './history.ts';

export type Route =
  | { readonly kind: 'delete' | 'restore'; readonly id: string }
  | { readonly kind: 'create'; readonly title: string; readonly tags: readonly string[] }
  /** `shows`: the place whose videos it shows, or both. `place`: the one whose lag it has. */
  | { readonly kind: 'video'; readonly id: string; readonly place: Place; readonly shows: Place | 'both' }
  | {
      readonly kind: 'list';
      readonly place: Place;
      readonly tags: readonly string[];
      readonly page: number;
      readonly size: number;
    }
  | { readonly kind: 'unknown' };

export function toRoute({ method, path, json }: HttpRequest, dialect: History['dialect']): Route {
  const { pathname, searchParams } = new URL(path, 'http://upstream');
  const [, isDiscarded, id] = /^(\/discarded)?\/videos(?:\/(\w+))?$/.exec(pathname) ?? [];
  const isKnown = pathname.startsWith('/videos') || (isDiscarded && dialect === 'discarded');
  if (!isKnown) return { kind: 'unknown' };
  const isRemoved = isDiscarded !== undefined;
  switch (method) {
    case 'DELETE':
      return id === undefined || isRemoved ? { kind: 'unknown' } : { kind: 'delete', id };
    case 'PATCH':
      return id !== undefined && isRestore(json, dialect, isRemoved)
        ? { kind: 'restore', id }
        : { kind: 'unknown' };
    case 'POST':
      return { kind: 'create', title: toText(json, 'title'), tags: toTags(json) };
    case 'GET':
      break;
  }
  const place = isRemoved || searchParams.get('removed') === 'true' ? 'removed' : 'live';
  if (id !== undefined) return { kind: 'video', id, place, shows: dialect === 'removed' ? 'both' : place };
  const page = Number(searchParams.get('currentPage') ?? 1);
  const size = Number(searchParams.get('pageSize') ?? 25);
  return { kind: 'list', place, tags: searchParams.getAll('tags[]'), page, size };
}

function isRestore(json: unknown, dialect: History['dialect'], isRemovedPath: boolean): boolean {
  if (typeof json !== 'object' || json === null) return false;
  if (dialect === 'discarded') return isRemovedPath && 'discarded' in json && json.discarded === false;
  return !isRemovedPath && 'removed' in json && json.removed === false;
}

function toText(json: unknown, field: 'title'): string {
  if (typeof json !== 'object' || json === null || !(field in json)) return '';
  return String(json[field]);
}

function toTags(json: unknown): readonly string[] {
  if (typeof json !== 'object' || json === null || !('tags' in json)) return [];
  return Array.isArray(json.tags) ? json.tags.map(String) : [];
}
