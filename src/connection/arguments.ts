// Reads first, after, last and before into one span to serve. It refuses every combination that Relay leaves vague, so
// that no call gets something other than it asked for.
import { ConnectionArgumentError, quote } from './connection-argument-error.ts';

const DEFAULT_COUNT = 25;
const MAX_COUNT = 250;

export type ConnectionArgs = {
  readonly first?: number | string | null | undefined;
  readonly after?: number | string | null | undefined;
  readonly last?: number | string | null | undefined;
  readonly before?: number | string | null | undefined;
};

export type ConnectionCall = {
  /** Whether the walk goes from the list's start to its end. */
  readonly forward: boolean;
  readonly count: number;
  /** The cursor to continue from, not yet parsed. */
  readonly from: { readonly argument: 'after' | 'before'; readonly cursor: string } | undefined;
};

/** @throws {ConnectionArgumentError} for anything but first with after, or last with before; null counts as absent. */
export function readArguments(args: ConnectionArgs): ConnectionCall {
  const first = args.first ?? undefined;
  const last = args.last ?? undefined;
  const after = args.after ?? undefined;
  const before = args.before ?? undefined;
  if (first !== undefined && last !== undefined) {
    throw new ConnectionArgumentError('last', 'Expected first or last, and got both. Leave one of them out.');
  }
  if (after !== undefined && before !== undefined) {
    throw new ConnectionArgumentError(
      'before',
      'Expected after or before, and got both. Leave one of them out.',
    );
  }
  if (after !== undefined && last !== undefined) {
    throw new ConnectionArgumentError(
      'after',
      'Expected after with first, and got it with last. Use before, or first.',
    );
  }
  if (before !== undefined && last === undefined) {
    throw new ConnectionArgumentError(
      'before',
      'Expected before with last, and got it without last. Add last, or use after.',
    );
  }
  if (last !== undefined) {
    return { forward: false, count: readCount('last', last), from: readFrom('before', before) };
  }
  return { forward: true, count: readCount('first', first ?? DEFAULT_COUNT), from: readFrom('after', after) };
}

function readCount(argument: 'first' | 'last', value: number | string): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MAX_COUNT) return value;
  const advice = 'For more videos, use the cursors in pageInfo.';
  const expected = `Expected ${argument} to be a whole number from 1 to ${MAX_COUNT}`;
  throw new ConnectionArgumentError(argument, `${expected}, and got ${quote(value)}. ${advice}`);
}

function readFrom(argument: 'after' | 'before', cursor: number | string | undefined): ConnectionCall['from'] {
  if (cursor === undefined || typeof cursor === 'string')
    return cursor === undefined ? cursor : { argument, cursor };
  const message = `Expected ${argument} to be a cursor, and got ${quote(cursor)}. Use endCursor or startCursor from pageInfo.`;
  throw new ConnectionArgumentError(argument, message);
}
