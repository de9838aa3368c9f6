// Checks the filter of a list. Callers delete what they list, so it refuses every condition that api.video, or the server
// that parses its query, might take for another one or for none. It changes no condition to make it fit.
import { quote } from '../connection/connection-argument-error.ts';
import { createInputError } from '../errors.ts';
import type { VideoFilter } from '../generated/resolvers.ts';
import { toSearch, type VideoFilter as UpstreamFilter } from '../upstream/list-query.ts';

/** The filter goes into upstream's URL, and many servers accept a request line of at most 8 KB. */
const MAX_FILTER_CHARACTERS = 6_000;
/** Parsers of queries, such as qs, no longer take more for a list, or drop what is too much. */
const MAX_CONDITIONS = 20;

const CONTROL = /\p{Cc}/u;
/**
 * Blanks, and signs that nobody sees: servers often trim both. Laravel, for one, also trims U+200C and U+200D, which end
 * words in some languages. Without them, a title matches more videos than were asked for.
 */
const BLANK_END =
  /^(?:\s|[\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2060-\u206f\u2800\u3164\uffa0])|(?:\s|[\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2060-\u206f\u2800\u3164\uffa0])$/;
/** A condition can be left out, but no half of a pair. */
const NOT_EMPTY = 'have at least one character';
const LIVE_STREAM_ID = /^[A-Za-z0-9]{1,64}$/;
/** Only signs that a search may take for any text. */
const WILDCARDS = /^[%_*?]+$/;
/** PHP and qs take such a key for a position in a list. */
const POSITION = /^(?:0|[1-9]\d*)$/;

/**
 * Treats null and an empty list as not given, and conditions given twice as given once.
 *
 * @throws a BAD_USER_INPUT error that names the first condition for which api.video cannot be asked exactly.
 */
export function toUpstreamFilter(filter: VideoFilter | null | undefined): UpstreamFilter {
  const asked = {
    title: filter?.title ?? undefined,
    description: filter?.description ?? undefined,
    tags: filter?.tags ? [...new Set(filter.tags)] : undefined,
    metadata: toPairs(filter?.metadata ?? []),
    liveStreamId: filter?.liveStreamId ?? undefined,
  };
  for (const name of ['title', 'description'] as const) {
    const text = asked[name];
    if (text !== undefined) assertSearch(`filter.${name}`, text);
  }
  for (const tag of asked.tags ?? []) assertText('every tag in filter.tags', tag);
  for (const { key, value } of asked.metadata) {
    assertKey(key);
    assertText('every value in filter.metadata', value, NOT_EMPTY);
  }
  if (asked.liveStreamId !== undefined && !LIVE_STREAM_ID.test(asked.liveStreamId))
    refuse('filter.liveStreamId', 'be 1 to 64 letters and digits', asked.liveStreamId);
  if (asked.liveStreamId === '0') refuseZero('filter.liveStreamId');
  assertFew('tags', asked.tags ?? []);
  assertFew('pairs of metadata', asked.metadata);
  const { length } = toSearch({ filter: asked, currentPage: 1, pageSize: 1 });
  if (length > MAX_FILTER_CHARACTERS) {
    throw createInputError(
      `Expected a filter of at most ${MAX_FILTER_CHARACTERS} characters once encoded for api.video, and got ${length}. Shorten it.`,
    );
  }
  return asked;
}

/** The distinct pairs. Upstream keeps one value per key, so two would list videos that lack the other. */
function toPairs(pairs: NonNullable<VideoFilter['metadata']>) {
  const values = new Map<string, string>();
  for (const { key, value } of pairs) {
    if ((values.get(key) ?? value) !== value) {
      throw createInputError(
        `Expected filter.metadata to give each key one value, and got two for ${quote(key)}: api.video would ignore one of them. List twice, and keep the videos of both lists.`,
      );
    }
    values.set(key, value);
  }
  return [...values].map(([key, value]) => ({ key, value }));
}

function assertText(name: string, text: string, notEmpty = `${NOT_EMPTY}, or to be left out`): void {
  if (text === '') refuse(name, notEmpty, text);
  if (BLANK_END.test(text))
    refuse(name, 'begin and end with no blank or invisible sign, because api.video may ignore it', text);
  if (CONTROL.test(text)) refuse(name, 'have no control characters', text);
  // The URL would have another character in place of the half one.
  if (!text.isWellFormed()) refuse(name, 'be well-formed Unicode, without half of a surrogate pair', text);
}

function assertSearch(name: string, text: string): void {
  assertText(name, text);
  if (text === '0') refuseZero(name);
  if (WILDCARDS.test(text))
    refuse(name, 'have more than wildcards, because api.video may find every video with them', text);
}

/** PHP's `empty` takes it for an empty text. */
function refuseZero(name: string): never {
  refuse(name, 'be more than a zero, because api.video may take it for none', '0');
}

function assertKey(key: string): void {
  const name = 'every key in filter.metadata';
  assertText(name, key, NOT_EMPTY);
  if (/[[\]]/.test(key))
    refuse(name, 'have no brackets, which have a meaning in the query to api.video', key);
  if (POSITION.test(key)) refuse(name, 'be no whole number, which api.video may take for a position', key);
  // qs, for one, drops these.
  if (key in Object.prototype) refuse(name, 'be no reserved word, which api.video may ignore', key);
}

function assertFew(name: string, conditions: readonly unknown[]): void {
  if (conditions.length <= MAX_CONDITIONS) return;
  throw createInputError(
    `Expected at most ${MAX_CONDITIONS} ${name} in a filter, and got ${conditions.length}: api.video may ignore more.`,
  );
}

function refuse(name: string, expected: string, got: string): never {
  // Shown as in JSON, so that signs that nobody sees can be seen.
  const shown = quote(got).replace(/[\p{Cc}\p{Cf}]/gu, (sign) => sign.split('').map(toEscape).join(''));
  throw createInputError(`Expected ${name} to ${expected}, and got ${shown.toWellFormed()}.`);
}

function toEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
