import type { Plugin } from 'graphql-yoga';
import { refuse } from './refuse.ts';

/** Long enough for some requests in flight to end. */
const RETRY_AFTER_SECONDS = 1;

/**
 * Refuses requests while `limit` others are in flight. Each takes memory until it is answered, and queueing more would
 * answer them too late for their callers. Requests that an earlier plugin answers, such as `/health`, do not count.
 */
export function useMaxRequests(limit: number): Plugin {
  let inFlight = 0;
  return {
    onRequest({ requestHandler, setRequestHandler, fetchAPI }) {
      setRequestHandler(async (request, context) => {
        if (inFlight >= limit) {
          const message = `Expected at most ${limit} concurrent requests, and all of them are in flight. Retry later.`;
          return refuse(fetchAPI, 503, 'OVERLOADED', message, { 'retry-after': String(RETRY_AFTER_SECONDS) });
        }
        inFlight += 1;
        try {
          return await requestHandler(request, context);
        } finally {
          inFlight -= 1;
        }
      });
    },
  };
}
