// Decides when lists are read again while a durable operation goes on. It moves no rows by an operation's results: these may be
// old, and nothing in them shows whether a list has been read since. It starts no timer, and acts on what the app hears.
import { toObject } from './changes.ts';

/** An operation as far as its lists depend on it. A document that follows one asks for all three fields. */
export type OperationNews = {
  readonly id: string;
  readonly pending: number;
  readonly finishedAt: string | null;
};

/** What is no longer true in a cache. */
export type Outdated = {
  /** `unpaged`: those of which only one page is loaded. To read another one again would lose the pages behind its first. */
  readonly lists: 'all' | 'unpaged' | 'none';
  /** Whether the lists of operations have gained or lost one. */
  readonly operations: boolean;
};

/** An operation settles videos for hours, and each new read of a list costs the project a read. */
const READ_EVERY_MS = 10_000;
/** How many operations a cache remembers. */
const REMEMBERED = 1000;

type Memory = { readonly known: Map<string, { pending: number; isEnded: boolean }>; readAt: number };

const memories = new WeakMap<object, Memory>();

/**
 * Takes the state of an operation, as often as it comes and in any order.
 *
 * @param source - `call`: it came with the call that started it, or found it by its key: then the call's videos may be settled.
 *   `poll`: the app has read it, perhaps in a list of operations.
 */
export function hearOf(cache: object, news: unknown, source: 'call' | 'poll' | 'stream'): Outdated {
  const { id, pending, finishedAt } = toObject(news);
  const isReadable = typeof pending === 'number' && (finishedAt === null || typeof finishedAt === 'string');
  if (typeof id !== 'string' || !isReadable) return { lists: 'none', operations: false };
  const memory = memories.get(cache) ?? { known: new Map(), readAt: Number.NEGATIVE_INFINITY };
  memories.set(cache, memory);
  const before = memory.known.get(id);
  if (finishedAt !== null) {
    remember(memory, id, { pending, isEnded: true });
    // One that had ended before it was heard of is history.
    const hasEndedNow = source === 'call' || before?.isEnded === false;
    if (hasEndedNow) memory.readAt = Date.now();
    return { lists: hasEndedNow ? 'all' : 'none', operations: hasEndedNow };
  }
  // News that were late.
  if (before?.isEnded) return { lists: 'none', operations: false };
  const hasMoved = before !== undefined && pending < before.pending;
  // A clock that was set back must not keep lists from being read.
  const isDue = hasMoved && Math.abs(Date.now() - memory.readAt) >= READ_EVERY_MS;
  if (isDue) memory.readAt = Date.now();
  // What is not read now stays due.
  if (isDue || !before) remember(memory, id, { pending, isEnded: false });
  return { lists: isDue ? 'unpaged' : 'none', operations: source !== 'poll' && !before };
}

function remember({ known }: Memory, id: string, state: { pending: number; isEnded: boolean }): void {
  known.delete(id);
  known.set(id, state);
  const [oldest] = known.keys();
  if (known.size > REMEMBERED && oldest !== undefined) known.delete(oldest);
}
