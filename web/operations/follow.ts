// Follows the caller's unfinished operations: by one subscription for all of them, or by asking every few seconds where streams
// are cut or held back. It decides nothing about what it hears.
import type { ApolloClient } from '@apollo/client';
import {
  FollowOperationsDocument,
  type OperationDetailsFragment,
  OperationsDocument,
} from 'apivideo-graphql-client';

/** As many as the subscription follows, and a page of the list has. */
const MOST = 250;
/** The first result comes at once. A proxy that holds it back holds back the others too. */
const FIRST_MS = 5_000;
/** In a stream where nothing moves, nothing tells that it is dead. Opened again, it begins with the whole state. */
const SILENT_MS = 20_000;
/** One that has ended sooner was cut. */
const WORTHWHILE_MS = 10_000;
const MOST_CUTS = 2;
const AGAIN_MS = 1_000;
const POLL_MS = 5_000;
/** Then a stream is tried again: the page may be on another network. */
const POLL_FOR_MS = 300_000;
const LONGEST_PAUSE_MS = 30_000;

type Hear = (unfinished: readonly OperationDetailsFragment[]) => void;

/** `silent`: it works, but nothing has moved for a while. `ended`: it has worked until now. */
type End = 'silent' | 'ended' | 'cut' | 'held back';

/** @throws {Error} Apollo Client's, if it could not be read. */
export async function readUnfinished(client: ApolloClient): Promise<readonly OperationDetailsFragment[]> {
  const { data } = await client.query({
    query: OperationsDocument,
    variables: { first: MOST, unfinished: true },
    fetchPolicy: 'no-cache',
  });
  return data?.operations?.edges.map(({ node }) => node) ?? [];
}

/** @returns what follows them until the signal is aborted. It remembers from one time to the next where streams are cut. */
export function createFollow(client: ApolloClient, hear: Hear): (signal: AbortSignal) => Promise<void> {
  let cuts = 0;
  let pollUntil = 0;
  let failures = 0;

  async function stream(signal: AbortSignal): Promise<void> {
    const end = await listen(client, hear, signal);
    if (signal.aborted || end === 'silent') return;
    cuts = end === 'ended' ? 0 : cuts + 1;
    if (end === 'held back' || cuts >= MOST_CUTS) pollUntil = Date.now() + POLL_FOR_MS;
    // Not all pages at the same moment, after the gateway was started again.
    else await pause(AGAIN_MS * (1 + Math.random()), signal);
  }

  async function poll(signal: AbortSignal): Promise<void> {
    try {
      const unfinished = await readUnfinished(client);
      if (signal.aborted) return;
      hear(unfinished);
      failures = 0;
      await pause(POLL_MS, signal);
    } catch {
      // The gateway itself is away, so nothing is known of streams.
      pollUntil = 0;
      cuts = MOST_CUTS - 1;
      failures += 1;
      await pause(Math.min(LONGEST_PAUSE_MS, POLL_MS * 2 ** (failures - 1)), signal);
    }
  }

  return async (signal) => {
    while (!signal.aborted) await (Date.now() < pollUntil ? poll(signal) : stream(signal));
  };
}

/** Resolves when the stream has ended, or was left because it brought nothing. */
function listen(client: ApolloClient, hear: Hear, signal: AbortSignal): Promise<End> {
  const { promise, resolve } = Promise.withResolvers<End>();
  const startedAt = Date.now();
  let hasHeard = false;
  const onEnd = () => resolve(hasHeard && Date.now() - startedAt >= WORTHWHILE_MS ? 'ended' : 'cut');
  let timer = setTimeout(() => resolve('held back'), FIRST_MS);
  const subscription = client
    .subscribe({ query: FollowOperationsDocument, fetchPolicy: 'no-cache' })
    .subscribe({
      next({ data }) {
        if (!data) return onEnd();
        hasHeard = true;
        clearTimeout(timer);
        timer = setTimeout(() => resolve('silent'), SILENT_MS);
        hear(data.operations);
      },
      error: onEnd,
      complete: onEnd,
    });
  signal.addEventListener('abort', onEnd, { once: true });
  return promise.finally(() => {
    signal.removeEventListener('abort', onEnd);
    clearTimeout(timer);
    subscription.unsubscribe();
  });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  signal.addEventListener('abort', () => resolve(), { once: true });
  return promise.finally(() => clearTimeout(timer));
}
