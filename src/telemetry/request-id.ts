import { randomUUID } from 'node:crypto';
import type { Plugin } from 'graphql-yoga';
import type { Observer } from '../upstream/observer.ts';
import { currentRequest, runForRequest } from './current-request.ts';

const HEADER = 'x-request-id';
/** Cannot break out of a log line, a header or a shell. Any other id is replaced, not refused. */
const WELL_FORMED = /^[\w.:+=@/-]{1,128}$/;

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
            address: undefined,
            caller: undefined,
            operation: undefined,
            startedAt,
            upstreamCalls: 0,
            outcomes: new Map(),
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

/** Sends the request's id with each upstream call made for it, and counts those calls. */
export const joinRequest: Observer = {
  begin() {
    const request = currentRequest();
    if (!request) return {};
    request.upstreamCalls += 1;
    return { headers: { [HEADER]: request.id } };
  },
};
