// A cursor describes a place in a list, so that any later state of the list can be matched against it. Clients send it
// back, so nothing in it is trusted beyond naming a place to look at.
import * as z from 'zod';
import type { VideoFilter } from '../upstream/list-query.ts';
import { ConnectionArgumentError, quote } from './connection-argument-error.ts';
import { toDigest } from './digest.ts';
import type { ConnectionOrder, OrderValue } from './order-values.ts';

export type Cursor = {
  /** Where the item was, from 0: a hint where to look, never proof. */
  readonly position: number;
  /** How long the list was then: the items that it lost or gained since are the second hint. */
  readonly total: number;
  readonly value: OrderValue;
  readonly id: string;
  /** Marks of the items right before and right after it then, nearest first, at most three each. */
  readonly before: readonly string[];
  readonly after: readonly string[];
};

const VERSION = 1;
const MAX_LENGTH = 2_000;
export const MAX_NEIGHBOURS = 3;

const place = z.int().min(0).max(1_000_000_000);
const mark = z.string().length(8);
const marks = z.array(mark).max(MAX_NEIGHBOURS);
const instant = z.int().nullable();
const cursorShape = (value: z.ZodType<OrderValue>) =>
  z.tuple([z.literal(VERSION), z.string(), place, place, value, z.string().min(1).max(200), marks, marks]);
const timeCursor = cursorShape(instant);
const titleCursor = cursorShape(mark.nullable());

/** Names a list with its filter and order; equal for equivalent filters. */
export function toScope(list: 'live' | 'removed', filter: VideoFilter, order: ConnectionOrder): string {
  const metadata = (filter.metadata ?? []).map(({ key, value }) => JSON.stringify([key, value]));
  const parts = [
    list,
    order.field,
    order.direction,
    filter.title ?? null,
    filter.description ?? null,
    [...new Set(filter.tags)].sort(),
    [...new Set(metadata)].sort(),
    filter.liveStreamId ?? null,
  ];
  return toDigest(JSON.stringify(parts), 10);
}

export function writeCursor(scope: string, cursor: Cursor): string {
  const { position, total, value, id, before, after } = cursor;
  return Buffer.from(JSON.stringify([VERSION, scope, position, total, value, id, before, after])).toString(
    'base64url',
  );
}

/**
 * @throws {ConnectionArgumentError} for text that no call returned, and for a cursor of another list, filter or order.
 */
export function readCursor(
  text: string,
  argument: 'after' | 'before',
  scope: string,
  field: ConnectionOrder['field'],
): Cursor {
  const parts =
    text.length <= MAX_LENGTH && /^[\w-]+$/.test(text)
      ? parseJson(Buffer.from(text, 'base64url'))
      : undefined;
  if (Array.isArray(parts) && parts[0] === VERSION && typeof parts[1] === 'string' && parts[1] !== scope) {
    const message = `Expected ${argument} to be a cursor of this list with this filter and order, and got one of another list, filter or order. Repeat the arguments of the call that returned it, or omit ${argument}.`;
    throw new ConnectionArgumentError(argument, message);
  }
  const parsed = (field === 'TITLE' ? titleCursor : timeCursor).safeParse(parts);
  if (!parsed.success) {
    const message = `Expected ${argument} to be a cursor that this field returned, and got ${quote(text)}. Use endCursor or startCursor from pageInfo, unchanged.`;
    throw new ConnectionArgumentError(argument, message);
  }
  const [, , position, total, value, id, before, after] = parsed.data;
  return { position, total, value, id, before, after };
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
