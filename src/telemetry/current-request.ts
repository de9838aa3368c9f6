// The client's request in progress, for logs, metrics and traces. Code that runs for a request can look it up here.
// No answer depends on it; whatever an answer needs is passed as arguments.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { StreamEnd } from './stream-tally.ts';
import type { Waits } from './waits.ts';

/** The operation of a request, without anything secret. */
export type ClientOperation = {
  /** Chosen by the client, so the number of names is unlimited; undefined if the operation has none. */
  readonly name: string | undefined;
  /** `invalid`: the gateway refused it before executing it. */
  readonly type: 'query' | 'mutation' | 'subscription' | 'invalid';
  /** Its only root field, or `several`, `introspection`, `invalid`: unlike `name`, it has few values. */
  readonly field: string;
};

export type ClientRequest = {
  /** Sent by the client, or generated here. */
  readonly id: string;
  readonly headers: Headers;
  /** The trace that the request belongs to: the gateway's, or without traces the caller's. */
  traceId: string | undefined;
  /** The client's address; undefined if it is not known. */
  address: string | undefined;
  /** A name of the caller that is not secret; undefined until the caller is known. */
  caller: string | undefined;
  /** Undefined until just before execution. */
  operation: ClientOperation | undefined;
  /** Reports the end of the operation if the answer is a stream: then it ends with that. Else undefined. */
  onStreamEnd: ((end: StreamEnd) => void) | undefined;
  /** On the clock of `performance.now()`. */
  readonly startedAt: number;
  /** Requests to upstream made for this request, including those that it shares with others. */
  upstreamCalls: number;
  /** The number of ids per outcome, such as `removed`, `alreadyRemoved` or the code of a failure. */
  readonly outcomes: Map<string, number>;
  readonly waits: Waits;
};

const storage = new AsyncLocalStorage<ClientRequest>();

/** Undefined in code that runs for no request. */
export function currentRequest(): ClientRequest | undefined {
  return storage.getStore();
}

/** Runs `work`, and everything that it starts, as part of a request. */
export function runForRequest<T>(request: ClientRequest, work: () => T): T {
  return storage.run(request, work);
}
