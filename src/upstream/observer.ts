// The one place where requests to upstream are watched: counted, timed, traced, and given the headers that let upstream's
// logs be joined with ours. Watching changes nothing: no observer sees an id, a credential or a body.

import type { HttpRequest, Transport } from './transport.ts';
import { NotSentError } from './upstream-errors.ts';

/** A request to upstream as it may be told to anybody: its route has names in place of ids, and no query. */
export type UpstreamCall = { readonly method: HttpRequest['method']; readonly route: string };

/** The status of a whole answer; `unsent`: upstream has seen nothing of it; `lost`: it may have. */
export type CallEnd = number | 'unsent' | 'lost';

export type Observer = {
  /** Called before each request, for headers to send with it and for whom to tell of its end. */
  begin(call: UpstreamCall): {
    readonly headers?: Readonly<Record<string, string>>;
    readonly end?: (end: CallEnd) => void;
  };
  /** Upstream is found to fail everybody, so that little is sent; or it is back. */
  readonly circuit?: (isOpen: boolean) => void;
};

/** An transport whose every request is told to the observers. */
export function observeTransport(transport: Transport, observers: readonly Observer[]): Transport {
  return {
    ...transport,
    async send(request) {
      const call = { method: request.method, route: toRoute(request.path) };
      const watches = observers.map((observer) => observer.begin(call));
      const headers = Object.assign({}, ...watches.map((watch) => watch.headers), request.headers);
      let end: CallEnd = 'lost';
      try {
        const answer = await transport.send({ ...request, headers });
        end = answer.status;
        return answer;
      } catch (error) {
        if (error instanceof NotSentError) end = 'unsent';
        throw error;
      } finally {
        for (const watch of watches) watch.end?.(end);
      }
    },
  };
}

/** What follows `/videos/` is an id, and nothing else in a path of ours is. */
function toRoute(path: string): string {
  const [route = ''] = path.split('?', 1);
  const [before, id] = route.split('/videos/', 2);
  return id === undefined ? route : `${before}/videos/{videoId}`;
}
