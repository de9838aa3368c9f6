// Pages of a list that this gateway keeps itself, whose items have numbers that never change. Unlike those of upstream's
// lists, a page needs no search: its cursor is the number.
import { type ConnectionArgs, readArguments } from './arguments.ts';
import { ConnectionArgumentError, quote } from './connection-argument-error.ts';

/** A part of the list: without `after` and `before`, from its beginning or, with `fromEnd`, up to its end. */
type Part = {
  readonly after?: number | undefined;
  readonly before?: number | undefined;
  readonly limit: number;
  readonly fromEnd: boolean;
};

export type NumberedList<T> = {
  /** Names the list, so that a cursor of another one is refused. */
  readonly scope: string;
  readonly read: (part: Part) => Promise<readonly T[]>;
  readonly toNumber: (item: T) => number;
  readonly totalCount: number;
};

/** @throws {ConnectionArgumentError} for arguments and cursors that fit no page. */
export async function readNumberedConnection<T>(args: ConnectionArgs, list: NumberedList<T>) {
  const { scope, read, toNumber, totalCount } = list;
  const { forward, count, from } = readArguments(args);
  const place = from && readCursor(from.cursor, from.argument, scope);
  // One more shows whether the list goes on.
  const part = { limit: count + 1, fromEnd: !forward };
  const found = await read(forward ? { ...part, after: place } : { ...part, before: place });
  const goesOn = found.length > count;
  const nodes = forward ? found.slice(0, count) : found.slice(-count);
  const edges = nodes.map((node) => ({ node, cursor: writeCursor(scope, toNumber(node)) }));
  const isBehind = place !== undefined && (await hasBehind(list, forward, nodes));
  return {
    edges,
    nodes,
    pageInfo: {
      hasNextPage: forward ? goesOn : isBehind,
      hasPreviousPage: forward ? isBehind : goesOn,
      startCursor: edges.at(0)?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount,
  };
}

/** Whether there are items on the other side of the page, where it was continued from. */
async function hasBehind<T>(
  { read, toNumber }: NumberedList<T>,
  forward: boolean,
  nodes: readonly T[],
): Promise<boolean> {
  const edge = forward ? nodes.at(0) : nodes.at(-1);
  // Without items, the item of the cursor itself is behind.
  if (edge === undefined) return true;
  const behind = forward ? { before: toNumber(edge) } : { after: toNumber(edge) };
  return (await read({ ...behind, limit: 1, fromEnd: forward })).length > 0;
}

function writeCursor(scope: string, number: number): string {
  return Buffer.from(JSON.stringify([scope, number])).toString('base64url');
}

function readCursor(text: string, argument: 'after' | 'before', scope: string): number {
  const match = /^\["([\w ]+)",(\d{1,15})\]$/.exec(
    Buffer.from(text.slice(0, 200), 'base64url').toString('utf8'),
  );
  if (match && match[1] === scope) return Number(match[2]);
  const what = match ? 'one of another list' : quote(text);
  throw new ConnectionArgumentError(
    argument,
    `Expected ${argument} to be a cursor that this list returned, and got ${what}. Use endCursor or startCursor from pageInfo, unchanged.`,
  );
}
