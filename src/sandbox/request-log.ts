// Logs every request that arrives, and counts how many are open at once.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { classify } from './routes.ts';
import type { SandboxRequest } from './types.ts';

/** Enough for any test. A sandbox that runs for days would otherwise keep every request it ever saw. */
const MOST_ENTRIES = 100_000;

export class RequestLog {
  #entries: SandboxRequest[] = [];
  #nextIndex = 0;
  #inFlight = 0;
  #maxInFlight = 0;

  get entries(): readonly SandboxRequest[] {
    return this.#entries;
  }

  get maxInFlight(): number {
    return this.#maxInFlight;
  }

  /** Starts a new log; an older one that a caller holds stays as it is. */
  clear(): void {
    this.#entries = [];
    this.#nextIndex = 0;
    this.#maxInFlight = this.#inFlight;
  }

  /** Logs an arrival. It counts as open until its answer is complete or its connection ends. */
  add(message: IncomingMessage, response: ServerResponse): SandboxRequest {
    const { method = '', url = '' } = message;
    const queryAt = url.indexOf('?');
    const path = queryAt === -1 ? url : url.slice(0, queryAt);
    const request: SandboxRequest = {
      index: this.#nextIndex,
      at: performance.now(),
      method,
      path,
      query: new URLSearchParams(queryAt === -1 ? '' : url.slice(queryAt + 1)),
      headers: message.headers,
      body: undefined,
      ...classify(method, path),
      projectId: undefined,
      status: undefined,
      actedAt: undefined,
    };
    this.#nextIndex += 1;
    if (this.#entries.length >= MOST_ENTRIES) this.#entries = this.#entries.slice(MOST_ENTRIES / 2);
    this.#entries.push(request);

    this.#inFlight += 1;
    this.#maxInFlight = Math.max(this.#maxInFlight, this.#inFlight);
    response.once('close', () => {
      this.#inFlight -= 1;
    });
    return request;
  }
}
