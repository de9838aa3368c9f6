// Reads a request: the body of a POST, or the address of a GET. It accepts JSON only, and one operation.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { MIMEType } from 'node:util';
import { GraphQLError } from 'graphql';
import type { FetchAPI, Plugin } from 'graphql-yoga';
import type { LogOnce } from '../telemetry/log-once.ts';
import { RESPONSE_JSON, toJsonType } from './accept.ts';
import type { OnConnection } from './client-address.ts';
import { assertFewValues } from './json-size.ts';
import { quoteGiven } from './quote-given.ts';
import { createRequestError, refuse } from './refuse.ts';
import { toParams } from './request-params.ts';

const MEDIA_TYPES = ['application/json', 'application/graphql+json'];
/** ASCII is a part of UTF-8. */
const CHARSETS = /^(utf-?8|us-ascii)$/i;
/** Each operation of a batch gets its own copy of the error, so that a small body could ask for a huge answer. */
const MAX_COPIES = 100;

const LARGE_BYTES = 256 * 1024;

const ALREADY_READ = 'The body was already read: mount the gateway before any parser of bodies.';

/** Yoga's `serverContext` has `isBodyUsed` if the request came through `Gateway.fetch`. */
export type WithBody = OnConnection & { readonly isBodyUsed?: boolean };

/** A request whose body was read already, without it: to take it once more fails before any plugin could say why. */
export function splitUsed(init: RequestInit): [init: RequestInit, context: WithBody] {
  if (!('bodyUsed' in init) || init.bodyUsed !== true) return [init, {}];
  const { method = 'GET', headers = {}, signal = null } = init;
  return [{ method, headers, signal }, { isBodyUsed: true }];
}

/**
 * Accepts only JSON. A page of another origin can send forms and plain text without a preflight; for a JSON body the
 * browser sends one, and CORS answers it.
 *
 * @param warnOnce - logs that a server which mounts the gateway has read a body.
 * @param maxValues - how many values the variables may have.
 */
export function useJsonRequest(warnOnce: LogOnce, maxValues: number): Plugin<object, WithBody> {
  return {
    onRequestParse({ request, url, serverContext, setRequestParser, endResponse, fetchAPI }) {
      if (request.method === 'GET') setRequestParser(() => readAddress(url.searchParams));
      if (request.method !== 'POST') return;
      const refusal = findRefusal(request.headers);
      if (refusal) {
        const [message, headers] = refusal;
        const type = { 'content-type': toJsonType(request) };
        endResponse(refuse(fetchAPI, 415, 'BAD_USER_INPUT', message, { ...headers, ...type }));
        return;
      }
      const { req, isBodyUsed = req?.readableEnded === true } = serverContext;
      setRequestParser(async (received) => {
        const bytes = await received.arrayBuffer();
        // A parser that leaves the body as bytes or a text in `request.body` does no harm: Yoga takes it from there.
        if (isBodyUsed && bytes.byteLength === 0) {
          warnOnce('read', ALREADY_READ);
          throw createAlreadyReadError();
        }
        assertFewValues(Buffer.from(bytes), maxValues);
        // To parse it, and then to read what it says, take some ten milliseconds each.
        if (bytes.byteLength > LARGE_BYTES) await nextTurn();
        const body = parseBody(bytes);
        if (bytes.byteLength > LARGE_BYTES) await nextTurn();
        return Array.isArray(body)
          ? refuseBatch(fetchAPI, body.length, toJsonType(request))
          : toParams(toMembers(body));
      });
    },
  };
}

/** What is wrong with the form of the body, and the header that names the right one. */
function findRefusal(
  headers: Headers,
): readonly [message: string, headers: Record<string, string>] | undefined {
  const type = readMediaType(headers.get('content-type'));
  const charset = type?.params.get('charset') ?? 'utf-8';
  if (!type || !MEDIA_TYPES.includes(type.essence) || !CHARSETS.test(charset)) {
    const got = quoteHeader(headers.get('content-type'));
    const message = `Expected a body with content type ${MEDIA_TYPES[0]}, in UTF-8, and got ${got}.`;
    return [message, { accept: MEDIA_TYPES.join(', ') }];
  }
  const codings = (headers.get('content-encoding') ?? '').split(',').map((coding) => coding.trim());
  if (codings.some((coding) => coding !== '' && !/^identity$/i.test(coding))) {
    const got = quoteHeader(headers.get('content-encoding'));
    const message = `Expected a body that is not compressed, and got one with Content-Encoding ${got}.`;
    return [message, { 'accept-encoding': 'identity' }];
  }
  return undefined;
}

const quoteHeader = (value: string | null) => (value ? quoteGiven(value) : 'none');

function readMediaType(header: string | null): MIMEType | undefined {
  try {
    return new MIMEType(header ?? '');
  } catch {
    return undefined;
  }
}

function readAddress(parameters: URLSearchParams) {
  const parse = (name: string) => parseJson(parameters.get(name) || 'null', `in the parameter "${name}"`);
  return toParams({
    query: parameters.get('query') || null,
    operationName: parameters.get('operationName'),
    variables: parse('variables'),
    extensions: parse('extensions'),
  });
}

function parseBody(bytes: ArrayBuffer): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw createRequestError('Expected a body in UTF-8, and got other bytes.');
  }
  return parseJson(text, 'as the body');
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw createRequestError(`Expected JSON ${where}, and got something else.`);
  }
}

function toMembers(body: unknown): Record<string, unknown> {
  if (typeof body === 'object' && body !== null) return { ...body };
  throw createRequestError('Expected a JSON object as the body, and got another value.');
}

/**
 * Clients that read the JSON of GraphQL's own type read it at any status: they show the reason only if each operation of
 * the batch has its answer. Others stop at the status 400.
 */
function refuseBatch(fetchAPI: FetchAPI, count: number, type: string): Response {
  const message =
    'Expected one operation in each request, and got a batch. Send each by itself; none was executed.';
  const answer = JSON.stringify({ errors: [{ message, extensions: { code: 'BAD_USER_INPUT' } }] });
  const isRead = type.startsWith(RESPONSE_JSON);
  const isBatch = isRead && count > 0 && count <= MAX_COPIES;
  const body = isBatch ? `[${Array(count).fill(answer).join(',')}]` : answer;
  return new fetchAPI.Response(body, { status: 400, headers: { 'content-type': type } });
}

/** The client has done nothing wrong. */
function createAlreadyReadError(): GraphQLError {
  return new GraphQLError(ALREADY_READ, {
    extensions: { code: 'INTERNAL_SERVER_ERROR', http: { status: 500, spec: false } },
  });
}
