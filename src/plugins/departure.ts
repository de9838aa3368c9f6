// Tells the rest of the gateway when a client leaves. This is the only place that touches the signal of a request.
import type { Plugin } from 'graphql-yoga';

/** Aborted when the client leaves before its answer. Yoga's `serverContext` carries it from the first plugin on. */
export type Departing = { departure?: AbortSignal };

/**
 * Replaces the request's own signal by a native one. Yoga's is an imitation. If it is given to `AbortSignal.any`, and
 * somebody listens to the result, its `aborted` stays false and its own listeners are not called when the client leaves.
 */
export function useDeparture(): Plugin<object, Departing> {
  return {
    onRequest({ request: { signal }, serverContext, requestHandler, setRequestHandler }) {
      const client = new AbortController();
      const leave = () => client.abort();
      serverContext.departure = client.signal;
      setRequestHandler(async (request, context) => {
        signal.addEventListener('abort', leave, { once: true });
        // The event may be over: then nothing calls the listener any more.
        if (signal.aborted) leave();
        try {
          return await requestHandler(request, context);
        } finally {
          // The caller of `Gateway.fetch` may use one signal for many requests.
          signal.removeEventListener('abort', leave);
        }
      });
    },
  };
}
