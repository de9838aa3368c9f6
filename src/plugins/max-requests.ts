import type { ServerResponse } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import type { Plugin } from 'graphql-yoga';
import { toNetwork } from '../config/addresses.ts';
import type { OnConnection, ReadClientAddress } from './client-address.ts';
import type { LiveStream } from './live-stream.ts';
import { type Place, Places } from './places.ts';
import { refuse } from './refuse.ts';

/** Long enough for some requests in flight to end. */
const RETRY_AFTER_SECONDS = 1;
/** Of all unfinished bodies and unread answers together. */
const MAX_WAITING_BYTES = 128 * 1024 * 1024;

/** Yoga's `serverContext` has the place of the request, and Node.js's response unless it came through `Gateway.fetch`. */
export type Placed = OnConnection & {
  place?: Place;
  readonly res?: ServerResponse;
  /** The answer, if it is a stream: it keeps the place until it ends. */
  stream?: LiveStream;
  /** Ends the stream, because the client does not take it any more. */
  leave?: () => void;
};

/**
 * Gives a place to each request that no earlier plugin answers, such as `/health`, until its last byte is sent or its
 * connection is closed. Refuses a request if all `limit` places belong to requests that the gateway works on: queueing it
 * would answer it too late for its caller.
 */
export function useMaxRequests(limit: number, readAddress: ReadClientAddress): Plugin<object, Placed> {
  const places = new Places(limit, MAX_WAITING_BYTES);
  return {
    onRequest({ serverContext, requestHandler, setRequestHandler, fetchAPI }) {
      setRequestHandler(async (request, context) => {
        const { req, res } = serverContext;
        // A small body has usually arrived with the headers, once Node.js has got to it. Only then is it known whether the
        // client keeps the gateway waiting for it.
        if (req && !req.complete) await setImmediate();
        const place = places.take(toNetwork(req && readAddress(req)));
        if (!place) {
          const message = `Expected at most ${limit} concurrent requests, and all of them are in flight. Retry later.`;
          return refuse(fetchAPI, 503, 'OVERLOADED', message, { 'retry-after': String(RETRY_AFTER_SECONDS) });
        }
        serverContext.place = place;
        // The client may have gone already: then nothing reports the end of its connection any more.
        const isSent = res !== undefined && !res.closed;
        if (isSent) res.once('close', place.leave);
        try {
          return await requestHandler(request, context);
        } finally {
          if (!isSent && !serverContext.stream) place.leave();
        }
      });
    },
  };
}
