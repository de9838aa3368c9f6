// Takes away what editors, env files and `docker --env-file` leave around a value, and names what they leave inside it. It
// knows no setting.

const PAIRS = ['""', "''", '``', '“”', '‘’'];
const OUTER = /^["'`“”‘’]|["'`“”‘’]$/;
/** Controls, formats such as a byte order mark or a zero-width space, and every blank but the plain one. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;
const INVISIBLES = new RegExp(INVISIBLE, 'gu');
const NAMES: ReadonlyMap<string, string> = new Map([
  ['\t', 'a tab'],
  ['\n', 'a line feed'],
  ['\r', 'a carriage return'],
  ['\u00a0', 'a no-break space'],
  ['\u200b', 'a zero-width space'],
  ['\ufeff', 'a byte order mark'],
]);

/** The value without blanks and invisible characters at its ends, and without the quotes around it. */
export function cleanSetting(value: string): string {
  const trimmed = trim(value);
  const inner = trimmed.slice(1, -1);
  // A list of quoted texts begins and ends with quotes that do not belong together.
  if (!isQuoted(trimmed) || inner.includes(trimmed.charAt(0)) || inner.includes(trimmed.slice(-1)))
    return trimmed;
  return cleanSetting(inner);
}

const isQuoted = (value: string) => value.length > 1 && PAIRS.includes(value.charAt(0) + value.slice(-1));

/** Not by one pattern: a pattern for the end takes quadratic time on long runs of blanks. */
function trim(value: string): string {
  const characters = [...value];
  const isVisible = (character: string) => character !== ' ' && !INVISIBLE.test(character);
  const last = characters.findLastIndex(isVisible);
  return characters.slice(Math.max(0, characters.findIndex(isVisible)), last + 1).join('');
}

/** Whether a value begins or ends with a quote, as half of a pair or a badly written list does. */
export function hasOuterQuote(value: string): boolean {
  return OUTER.test(value);
}

/**
 * Whether a value can be one name or address. A quote, a bracket at the start or a blank belongs to a list written in another
 * way, to half of a pair, or to a comment behind the value.
 */
export function isPlainText(value: string): boolean {
  return value !== '' && !/["'`“”‘’\s]|^\[/.test(value);
}

/** Names the first invisible character of a value and its place, without quoting the value; undefined if it has none. */
export function describeInvisible(value: string): string | undefined {
  const [found] = INVISIBLE.exec(value) ?? [];
  if (found === undefined) return undefined;
  const index = value.indexOf(found);
  const isEnd = trim(value.slice(index)) === '';
  const place = trim(value.slice(0, index)) === '' ? 'at its start' : isEnd ? 'at its end' : 'in it';
  const code = `U+${(found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  const name = NAMES.get(found);
  return `${name === undefined ? code : `${name} (${code})`} ${place}`;
}

/**
 * Says what surrounds a secret that nothing may be taken away from: to guess would let the gateway start with another
 * secret than its callers have, and refuse all of them.
 */
export function describeSurroundings(secret: string): string | undefined {
  const invisible = describeInvisible(secret);
  if (invisible !== undefined) return invisible;
  if (secret.startsWith(' ')) return 'a blank at its start';
  if (secret.endsWith(' ')) return 'a blank at its end';
  if (isQuoted(secret)) return 'quotes around it';
  return hasOuterQuote(secret) ? 'a quote at one of its ends' : undefined;
}

/** For messages: what cannot be seen is written as an escape. */
export function quoteSetting(value: string): string {
  return JSON.stringify(value).replaceAll(INVISIBLES, (found) => found.split('').map(toEscape).join(''));
}

/** As JSON does: one escape for each unit of UTF-16. */
function toEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
