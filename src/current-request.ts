// The client's request that is being worked on, for those who watch: wherever work for it goes on, this tells which it is.
// It decides nothing; what a request needs to be answered is handed on as arguments.
import { AsyncLocalStorage } from 'node:async_hooks';

export type ClientRequest = {
  /** Accepted from the client or minted here. */
  readonly id: string;
  readonly headers: Headers;
  /** Who asks, by a name that is no secret; undefined until that is known. */
  caller: string | undefined;
  /** On the clock of `performance.now()`. */
  readonly startedAt: number;
  /** Requests to upstream that were made for it, also those that others share. */
  upstreamCalls: number;
  /** Ids by what became of them, such as `removed`, `alreadyRemoved` or the code of a failure. */
  readonly outcomes: Map<string, number>;
};

const storage = new AsyncLocalStorage<ClientRequest>();

/** Undefined in what happens on nobody's behalf. */
export function currentRequest(): ClientRequest | undefined {
  return storage.getStore();
}

/** Runs `work`, and all that it begins, as part of a request. */
export function runForRequest<T>(request: ClientRequest, work: () => T): T {
  return storage.run(request, work);
}
