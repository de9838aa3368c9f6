// The two forms in which a stream of results is sent: server-sent events, and Apollo's multipart protocol for subscriptions.
// Each part is encoded as a whole, so that what is sent at any time ends with a part.
import type { ExecutionResult } from 'graphql';
import { SUBSCRIPTION_PARTS } from './accept.ts';

export type StreamFormat = {
  readonly contentType: string;
  /** Sent at once: some clients and proxies hold the headers back until a part of the body comes. */
  readonly head: Uint8Array;
  /** Sent while nothing happens, so that nobody on the way takes the connection for dead. */
  readonly ping: Uint8Array;
  readonly tail: Uint8Array;
  readonly encode: (result: ExecutionResult) => Uint8Array;
};

const encoder = new TextEncoder();

/** As in the protocol "GraphQL over Server-Sent Events", in its mode of distinct connections. */
const serverSentEvents: StreamFormat = {
  contentType: 'text/event-stream',
  head: encoder.encode(':\n\n'),
  ping: encoder.encode(':\n\n'),
  tail: encoder.encode('event: complete\ndata:\n\n'),
  encode: encodeOnce((json) => `event: next\ndata: ${json}\n\n`),
};

/**
 * Apollo's protocol. Each part ends with the boundary of the next one, because clients take a part as complete only when they
 * have seen that.
 */
const parts: StreamFormat = {
  contentType: 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0',
  head: encoder.encode('\r\n--graphql'),
  ping: toPart('{}'),
  tail: encoder.encode('--\r\n'),
  encode: encodeOnce((json) => toPartText(`{"payload":${json}}`)),
};

const FORMATS: Readonly<Record<string, StreamFormat>> = {
  'text/event-stream': serverSentEvents,
  [SUBSCRIPTION_PARTS]: parts,
};

/** The one that the client likes best, or undefined. @param accept - the header as `useAccept` leaves it. */
export function findStreamFormat(accept: string | null): StreamFormat | undefined {
  const names = (accept ?? 'text/event-stream').split(', ');
  return names.map((name) => FORMATS[name]).find((format) => format !== undefined);
}

function toPart(body: string): Uint8Array {
  return encoder.encode(toPartText(body));
}

function toPartText(body: string): string {
  return `\r\ncontent-type: application/json\r\n\r\n${body}\r\n--graphql`;
}

/** Streams that share a result share its bytes. */
function encodeOnce(toText: (json: string) => string): StreamFormat['encode'] {
  const known = new WeakMap<ExecutionResult, Uint8Array>();
  return (result) => {
    const found = known.get(result);
    if (found) return found;
    const bytes = encoder.encode(toText(JSON.stringify(toSent(result))));
    known.set(result, bytes);
    return bytes;
  };
}

/** The status of an answer, which some errors carry for Yoga, is no part of it. */
function toSent({ data, errors, extensions }: ExecutionResult): object {
  return {
    ...(data !== undefined && { data }),
    ...(errors && {
      errors: errors.map((error) => {
        const { http, unexpected, ...shown } = error.extensions;
        return { ...error.toJSON(), extensions: shown };
      }),
    }),
    ...(extensions && { extensions }),
  };
}
