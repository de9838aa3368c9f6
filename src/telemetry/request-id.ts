import { randomUUID } from 'node:crypto';
import type { Plugin } from 'graphql-yoga';
import type { Observer } from '../upstream/observer.ts';
import { currentRequest, runForRequest } from './current-request.ts';
import { Waits } from './waits.ts';

const HEADER = 'x-request-id';
/** Cannot break out of a log line, a header or a shell. Any other id is replaced, not refused. */
const WELL_FORMED = /^[\w.:+=@/-]{1,128}$/;
/** As W3C's Trace Context defines it: version 00 ends here, and a later one may have more parts. */
const TRACE_PARENT =
  /^(?:00(?=.{53}$)|(?!00|ff)[\da-f]{2})-((?!0{32})[\da-f]{32})-(?!0{16})[\da-f]{16}-[\da-f]{2}(?:-|$)/;

/** Gives each request an id, the client's own if it is well-formed, and returns it in a header of the answer. */
export function useRequestId(): Plugin {
  return {
    instrumentation: {
      request: ({ request: { headers } }, wrapped) => {
        const given = headers.get(HEADER) ?? '';
        const id = WELL_FORMED.test(given) ? given : randomUUID();
        const startedAt = performance.now();
        return runForRequest(
          {
            id,
            headers,
            traceId: readTraceId(headers),
            address: undefined,
            caller: undefined,
            operation: undefined,
            onStreamEnd: undefined,
            startedAt,
            upstreamCalls: 0,
            outcomes: new Map(),
            waits: new Waits(),
          },
          wrapped,
        );
      },
    },
    onResponse({ response }) {
      const id = currentRequest()?.id;
      if (id) response.headers.set(HEADER, id);
    },
  };
}

/** The caller's trace, so that its lines join ours even if the gateway sends no traces. */
function readTraceId(headers: Headers): string | undefined {
  return TRACE_PARENT.exec(headers.get('traceparent') ?? '')?.[1];
}

const now = () => performance.now();

/** Sends the request's id with each upstream call made for it, and notes those calls and all waits in the request. */
export const joinRequest: Observer = {
  begin() {
    const request = currentRequest();
    if (!request) return {};
    request.upstreamCalls += 1;
    return { headers: { [HEADER]: request.id }, end: request.waits.begin('upstream', now) };
  },
  wait: (cause, clock) => currentRequest()?.waits.begin(cause, clock) ?? (() => {}),
};
