// Observes every request to upstream: counts, times and traces it, and adds the headers that join upstream's logs with
// ours. Observers change nothing else and never see an id, a credential or a body.

import { isFailure } from './refusal.ts';
import type { HttpRequest, Transport } from './transport.ts';
import { NotSentError } from './upstream-errors.ts';
import type { OnWait } from './wait-clocks.ts';

/** A request to upstream in a form that is safe to log: its route has names instead of ids, and no query. */
export type UpstreamCall = { readonly method: HttpRequest['method']; readonly route: string };

/** The status of a complete answer; `unsent`: upstream saw nothing of the request; `lost`: it may have. */
export type CallEnd = number | 'unsent' | 'lost';

export type Observer = {
  /**
   * Called before each request. It returns headers to send with the request, and a function to call with its end.
   * `failure`: why, if no answer of api.video came, or a failure.
   */
  begin(call: UpstreamCall): {
    readonly headers?: Readonly<Record<string, string>>;
    readonly end?: (end: CallEnd, failure: string | undefined) => void;
  };
  /** Called when upstream is found to fail every request, so that little is sent, and when it is back. */
  readonly circuit?: (isOpen: boolean) => void;
  /** Called when a call begins to wait. */
  readonly wait?: OnWait;
};

/** Wraps a transport so that the observers see every request. */
export function observeTransport(transport: Transport, observers: readonly Observer[]): Transport {
  return {
    async send(request) {
      const call = { method: request.method, route: toRoute(request.path) };
      const watches = observers.map((observer) => observer.begin(call));
      const headers = Object.assign({}, ...watches.map((watch) => watch.headers), request.headers);
      let end: CallEnd = 'lost';
      let failure: string | undefined;
      try {
        const answer = await transport.send({ ...request, headers });
        end = answer.status;
        if (isFailure(answer)) failure = `upstream answered ${answer.status}`;
        return answer;
      } catch (error) {
        if (error instanceof NotSentError) end = 'unsent';
        failure = toReason(error);
        throw error;
      } finally {
        for (const watch of watches) watch.end?.(end, failure);
      }
    },
  };
}

/** Our errors name hosts and proxies, never credentials. */
function toReason(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const reasons = [error.message];
  for (let { cause } = error; cause instanceof Error; { cause } = cause) {
    // Of a host with several addresses, whose own message is empty.
    if (cause instanceof AggregateError) reasons.push(...cause.errors.map(toReason));
  }
  return reasons.join(' ');
}

/** In our paths, what follows `/videos/` is an id, and nothing else is. */
function toRoute(path: string): string {
  const [route = ''] = path.split('?', 1);
  const [before, id] = route.split('/videos/', 2);
  return id === undefined ? route : `${before}/videos/{videoId}`;
}

/** Notifies all observers of a wait. */
export function toOnWait(observers: readonly Observer[]): OnWait {
  const notified = observers.flatMap(({ wait }) => wait ?? []);
  return (cause, clock) => {
    const ends = notified.map((wait) => wait(cause, clock));
    return () => {
      for (const end of ends) end();
    };
  };
}
