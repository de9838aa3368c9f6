// Reads single fields that a video can do without. Most are only shown; `removedAt` and `createdAt` decide too. One in an
// unexpected form is left out, and reported; it never fails, so that no field takes the rest of its video with it.

/** Called with the name of a field that has another form. */
export type OnOdd = (field: string) => void;

/** A lone surrogate in an answer would keep strict clients from reading the whole answer: it becomes U+FFFD. */
export function readText(value: unknown, field: string, onOdd: OnOdd): string | null {
  if (typeof value === 'string') return value.toWellFormed();
  if (value != null) onOdd(field);
  return null;
}

export function readFlag(value: unknown, field: string, onOdd: OnOdd): boolean | null {
  if (typeof value === 'boolean') return value;
  if (value != null) onOdd(field);
  return null;
}

/** Upstream's own text, if `Date.parse` reads it as that time. */
export function readTime(value: unknown, field: string, onOdd: OnOdd): string | null {
  if (typeof value === 'string' && isTime(value)) return value;
  if (value != null) onOdd(field);
  return null;
}

/** @param toItem - undefined for an item with another form. */
export function readList<Item>(
  value: unknown,
  field: string,
  onOdd: OnOdd,
  toItem: (item: unknown) => Item | undefined,
): Item[] {
  if (value == null) return [];
  if (!Array.isArray(value)) {
    onOdd(field);
    return [];
  }
  const all: readonly unknown[] = value;
  const items: Item[] = [];
  for (const each of all) {
    const item = toItem(each);
    if (item !== undefined) items.push(item);
  }
  if (items.length < all.length) onOdd(field);
  return items;
}

/** The form of nearly all of upstream's times. What comes after is slower. */
const USUAL_TIME = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\+00:00$/;

/** RFC 3339, and offsets without a colon. `Date.parse` takes 24 o'clock for the next day. Without an offset, a time could be any of a day. */
const TIME = /^(\d{4})-(\d\d)-(\d\d)[Tt ](?:[01]\d|2[0-3]):\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:?\d\d)$/;

function isTime(value: string): boolean {
  if (USUAL_TIME.test(value)) return true;
  const [, year, month, day] = TIME.exec(value) ?? [];
  // `Date.parse` takes days that the month does not have for days of the next.
  const isDay = Number(day) <= new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  return isDay && !Number.isNaN(Date.parse(value));
}
