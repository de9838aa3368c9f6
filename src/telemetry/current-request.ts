// The client's request that is being worked on, for those who watch: wherever work for it goes on, this tells which it is.
// It decides nothing; what a request needs to be answered is handed on as arguments.
import { AsyncLocalStorage } from 'node:async_hooks';

/** What a request asks for, as it may be told to anybody. */
export type ClientOperation = {
  /** As the client chose it, so that there may be any number of names; undefined where it has none. */
  readonly name: string | undefined;
  /** `invalid`: it was refused before it could be executed. */
  readonly type: 'query' | 'mutation' | 'subscription' | 'invalid';
  /** The one root field it asks for, or `several`, `introspection`, `invalid`: no more names than the schema has. */
  readonly field: string;
};

export type ClientRequest = {
  /** Accepted from the client or minted here. */
  readonly id: string;
  readonly headers: Headers;
  /** Who asks, by a name that is no secret; undefined until that is known. */
  caller: string | undefined;
  /** Undefined until it is about to be executed. */
  operation: ClientOperation | undefined;
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
