// Reads the rate limit out of the headers of one answer, in whatever form they come. It guesses no values: what cannot be
// read, or cannot be true, is undefined, and the rate window does without.
//
// - Names: those that api.video documents; then X-RateLimit-Reset; then RateLimit-* and RateLimit of the IETF drafts; then
//   X-Rate-Limit-*. Each value is the first readable one. Retry-After counts only with a 429; the later reset counts.
// - Numbers: blanks, quotes, fractions and exponents are read, and rounded to the cautious side. What follows a count, as
//   in `20 per minute` or `19/20`, is ignored; a reset may be `6s` or `1m6s`. Of several values, the most cautious counts.
//   Those with parameters, as in `100;w=60`, describe policies: they count only without others. A number like `1,000` may
//   be one value or two, so it is not read.
// - Not true: a limit below 1; and, except after a 429, less than 0 left, or 0 left beside an untrue limit. A proxy whose own
//   limiter is off adds a 0 to each header: what remains of an untrue limit among true ones does not count.
// - Resets: seconds from now; a date, or seconds or milliseconds since 1970, by the answer's own clock, unless it is over.
import { type HttpHeaders, toText } from './transport.ts';

/** What one answer reports of the rate limit; undefined if it does not, or not readably. */
export type RateLimitHeaders = {
  /** Whole, at least 1. */
  readonly limit: number | undefined;
  /** Whole, at least 0. May be more than the limit, though only one of both can be true. */
  readonly remaining: number | undefined;
  /** Whole, at least 0. */
  readonly retryAfterSeconds: number | undefined;
  /** The reset was a point in time, so that it and the answer's own time may each be off by a part of a second. */
  readonly isDated?: boolean;
};

type Field = { readonly names: readonly string[]; readonly parameter: RegExp };

const LIMIT: Field = {
  names: ['x-ratelimit-limit', 'ratelimit-limit', 'x-rate-limit-limit'],
  parameter: /\blimit=([^,;\s]+)/g,
};
const REMAINING: Field = {
  names: ['x-ratelimit-remaining', 'ratelimit-remaining', 'x-rate-limit-remaining'],
  parameter: /\b(?:remaining|r)=([^,;\s]+)/g,
};
const RESET: Field = {
  names: ['x-ratelimit-retry-after', 'x-ratelimit-reset', 'ratelimit-reset', 'x-rate-limit-reset'],
  parameter: /\b(?:reset|t)=([^,;\s]+)/g,
};

const NUMBER = '[+-]?\\d{1,15}(?:\\.\\d{1,15})?(?:e\\+?\\d{1,2})?';
const PLAIN = new RegExp(`^${NUMBER}$`, 'i');
/** Not `1 000`, which is a thousand. */
const COUNT = new RegExp(`^(${NUMBER})(?:\\s*/.*|\\s+[^\\d\\s].*)?$`, 'i');
const DURATION = /^(?:(\d{1,4})h)?(?:(\d{1,6})m)?(?:(\d{1,8}(?:\.\d{1,15})?) ?s(?:ec(?:ond)?s?)?)?$/i;
const THOUSANDS = /^\d{1,3}(?:,\d{3})+$/;
const HTTP_DATE = /[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [\d:]{8} GMT/g;
const ISO_DATE = /\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)/g;
/** Smaller numbers count from now. */
const EPOCH_SECONDS = 1e9;
const EPOCH_MS = 1e11;

export function readRateLimit(status: number, headers: HttpHeaders): RateLimitHeaders {
  const limited = status === 429;
  const limits = toTexts(headers, LIMIT);
  const limit = findFirst(limits, (text) => toLeast(readNumbers(text).filter(isLimit)));
  const remaining = findFirst(toTexts(headers, REMAINING), (text, place) =>
    toLeast(readRemaining(text, limits[place] ?? '')),
  );
  const hasUnreadableLimit = limit === undefined && LIMIT.names.some((name) => headers[name] !== undefined);
  const isTrue = limited || (remaining !== undefined && remaining >= (hasUnreadableLimit ? 1 : 0));
  const now = Date.parse(toText(headers.date)) || Date.now();
  const resets = [
    findFirst(toTexts(headers, RESET), (text) => readReset(text, now)),
    limited ? readReset(toText(headers['retry-after']), now) : undefined,
  ].filter((reset) => reset !== undefined);
  return {
    limit,
    remaining: remaining !== undefined && isTrue ? Math.max(0, remaining) : undefined,
    retryAfterSeconds: resets.length > 0 ? Math.max(...resets.map(({ seconds }) => seconds)) : undefined,
    isDated: resets.some(({ isDated }) => isDated),
  };
}

/** By name, in the order in which they count; the last is that of the combined header. */
function toTexts(headers: HttpHeaders, { names, parameter }: Field): string[] {
  const combined = toText(headers.ratelimit).toLowerCase();
  const last = [...combined.matchAll(parameter)].map(([, value]) => value).join(', ');
  return [...names.map((name) => toText(headers[name])), last];
}

function findFirst<T>(
  texts: readonly string[],
  read: (text: string, place: number) => T | undefined,
): T | undefined {
  for (const [place, text] of texts.entries()) {
    const value = read(text, place);
    if (value !== undefined) return value;
  }
  return undefined;
}

const isLimit = (value: number) => value >= 1;

type Value = { readonly number: number; readonly isPolicy: boolean };

/** One for each part of the text; NaN for what cannot be read. */
function readValues(text: string, toNumber: (part: string) => number): Value[] {
  const values = text.split(',').map((part) => {
    const [value = '', ...parameters] = part
      .split(';')
      .map((piece) => piece.trim().replace(/^"(.*)"$/, '$1'));
    return { number: toNumber(value), isPolicy: parameters.length > 0 };
  });
  const mayBeOne = THOUSANDS.test(text) && new Set(values.map(({ number }) => number)).size > 1;
  return mayBeOne ? [] : values;
}

function readNumbers(text: string, toNumber = toCount): number[] {
  return toNumbers(readValues(text, toNumber));
}

/** @param limits - the text of the limits, each of which belongs to the value at its place if there are equally many. */
function readRemaining(text: string, limits: string): number[] {
  const values = readValues(text, toCount);
  const beside = readValues(limits, toCount).map(({ number }) => number);
  if (beside.length !== values.length || !beside.some(isLimit)) return toNumbers(values);
  return toNumbers(values.filter((_, place) => !((beside[place] ?? Number.NaN) < 1)));
}

function toCount(value: string): number {
  return Number(COUNT.exec(value)?.[1] ?? Number.NaN);
}

/** In seconds. */
function toDuration(value: string): number {
  if (PLAIN.test(value)) return Number(value);
  const [whole = '', hours = 0, minutes = 0, seconds = 0] = DURATION.exec(value) ?? [];
  return whole === '' ? Number.NaN : Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}

function toNumbers(values: readonly Value[]): number[] {
  const read = values.filter(({ number }) => Number.isFinite(number));
  const plain = read.filter(({ isPolicy }) => !isPolicy);
  return (plain.length > 0 ? plain : read).map(({ number }) => number);
}

function toLeast(numbers: readonly number[]): number | undefined {
  return numbers.length > 0 ? Math.floor(Math.min(...numbers)) : undefined;
}

/** @param now - in milliseconds since 1970. */
function readReset(text: string, now: number): { seconds: number; isDated: boolean } | undefined {
  const written = [...text.matchAll(HTTP_DATE), ...text.matchAll(ISO_DATE)].map(([date]) => Date.parse(date));
  const numbers = written.length > 0 ? [] : readNumbers(text, toDuration);
  const times = numbers
    .filter((value) => value >= EPOCH_SECONDS)
    .map((value) => (value < EPOCH_MS ? value * 1000 : value));
  const fromNow = numbers.filter((value) => value < EPOCH_SECONDS);
  const dates = [...written, ...times].map((time) => (time - now) / 1000);
  const seconds = [...dates, ...fromNow].filter((value) => value >= 0);
  if (seconds.length === 0) return undefined;
  return { seconds: Math.ceil(Math.max(...seconds)), isDated: dates.length > 0 };
}
