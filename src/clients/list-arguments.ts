// Reads from the arguments of `videos` and `removedVideos` which videos a list has, and in which order.
import { toObject } from './changes.ts';

export const LISTS = ['videos', 'removedVideos'] as const;
export type ListName = (typeof LISTS)[number];

export type ListArguments = {
  /** Whether a condition leaves videos out. */
  readonly isFiltered: boolean;
  /** The field of `Video` that orders the list, and whether the smallest comes first. */
  readonly order: { readonly field: string; readonly isAscending: boolean };
};

const PAGING = new Set(['first', 'after', 'last', 'before']);

const FIELDS: ReadonlyMap<unknown, string> = new Map([
  ['CREATED_AT', 'createdAt'],
  ['PUBLISHED_AT', 'publishedAt'],
  ['UPDATED_AT', 'updatedAt'],
  ['DELETES_AT', 'deletesAt'],
  ['TITLE', 'title'],
]);

export function readArguments(given: unknown): ListArguments {
  const { filter, orderBy } = toObject(given);
  const { field = 'CREATED_AT', direction = 'DESC' } = toObject(orderBy);
  const conditions = Object.values(toObject(filter));
  return {
    isFiltered: conditions.some((each) => each !== null && each !== undefined && !isEmptyList(each)),
    order: { field: FIELDS.get(field) ?? 'unknown', isAscending: direction === 'ASC' },
  };
}

/** Apollo writes a list's arguments behind its name, as `:{…}` or `({…})`. */
export function parseArguments(text: string): { readonly [name: string]: unknown } {
  if (text === '') return {};
  try {
    return toObject(JSON.parse(text.replace(/^:/, '').replace(/^\((.*)\)$/s, '$1')));
  } catch {
    // An app's own policy names its lists as it likes: nothing is known of them but their rows.
    return { filter: { unknown: true }, orderBy: { field: 'unknown' } };
  }
}

/** The same text for all pages of one list. */
export function toListKey(name: string, given: unknown): string {
  const conditions = Object.entries(toObject(given))
    .filter(([argument]) => !PAGING.has(argument))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `${name} ${JSON.stringify(conditions)}`;
}

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;
