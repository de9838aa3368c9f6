import type { Plugin } from 'graphql-yoga';
import { refuse } from './refuse.ts';

/** A moment in which what is under way has a chance to end. */
const RETRY_AFTER_SECONDS = 1;

/**
 * Refuses what comes while `limit` requests are being worked on: each takes memory until it is answered, and one that
 * waits in a queue nobody asked for is answered too late for its caller. What answers before it, as `/health` does, is
 * not counted.
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
