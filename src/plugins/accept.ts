// Decides in which media types an operation can be answered, before it is executed: a deletion whose answer nobody could
// read would be done all the same. It writes no answer but the refusal.
import type { FetchAPI, Plugin } from 'graphql-yoga';
import { refuse } from './refuse.ts';

export const RESPONSE_JSON = 'application/graphql-response+json';
const MULTIPART = 'multipart/mixed';
/** Of types that a client likes equally, the first. The last two can carry several results. */
const ANSWERS = ['application/json', RESPONSE_JSON, 'text/event-stream', MULTIPART];
/** How a client asks for Apollo's protocol for subscriptions: `multipart/mixed` alone promises another form of the parts. */
export const SUBSCRIPTION_PARTS = `${MULTIPART};subscriptionSpec=1.0`;
/** A browser that asks for a page alone shows a text, and might offer JSON as a download. */
const TEXTS = ['text/html', 'text/plain'];

/** Refuses requests of clients that take none of the media types in which the gateway answers. */
export function useAccept(): Plugin {
  return {
    onRequestParse({ request, endResponse, fetchAPI }) {
      const ranges = readRanges(request.headers.get('accept') ?? '');
      const accepted = findAccepted(ranges, ANSWERS);
      // Yoga, which writes the answer, takes the first that it knows; it knows neither weights nor `q=0`.
      const left = accepted.map((type) => (type === MULTIPART ? toMultipart(ranges) : type));
      if (left.length > 0) request.headers.set('accept', left.join(', '));
      else endResponse(refuseAll(fetchAPI, findAccepted(ranges, TEXTS).length > 0));
    },
  };
}

/** The type of JSON that the client of this request prefers. Apollo Client shows errors of a 4xx in one of them only. */
export function toJsonType({ headers }: Request): string {
  const [type] = findAccepted(readRanges(headers.get('accept') ?? ''), ANSWERS.slice(0, 2));
  return `${type ?? 'application/json'}; charset=utf-8`;
}

/** Whether a person looks at the answer: browsers ask for a page when they open an address, and programs do not. */
export function wantsPage({ headers }: Request): boolean {
  return headers.get('accept')?.includes('text/html') ?? false;
}

type Range = { readonly name: string; readonly weight: number; readonly isForSubscriptions: boolean };

function toMultipart(ranges: readonly Range[]): string {
  return ranges.some((range) => range.name === MULTIPART && range.isForSubscriptions)
    ? SUBSCRIPTION_PARTS
    : MULTIPART;
}

/** Skips what is no media type, and types in other charsets. Without any, the client takes everything. */
function readRanges(header: string): readonly Range[] {
  const parts = header.toLowerCase().replace(/\s/g, '').split(',');
  const ranges = parts.flatMap((part) => {
    const [range = '', ...parameters] = part.split(';');
    // Old clients of Java send a single star.
    const name = range === '*' ? '*/*' : range;
    if (!/^(\*\/\*|[^*/]+\/[^/]+)$/.test(name)) return [];
    const { q, charset = 'utf-8', subscriptionspec } = Object.fromEntries(parameters.map(toEntry));
    const weight = /^(utf-?8|\*)$/.test(charset) ? toWeight(q) : 0;
    return [{ name, weight, isForSubscriptions: subscriptionspec === '1.0' }];
  });
  return ranges.length > 0 ? ranges : [{ name: '*/*', weight: 1, isForSubscriptions: false }];
}

function toEntry(parameter: string): [string, string] {
  const [name = '', value = ''] = parameter.split('=', 2);
  return [name, value.replace(/^"(.*)"$/, '$1')];
}

/** A weight that cannot be read does not mean that the type is unwanted. */
function toWeight(q: string | undefined): number {
  const weight = Number(q || 1);
  return weight >= 0 && weight <= 1 ? weight : 1;
}

/** Those of `types` that the client takes, its favourite first. */
function findAccepted(ranges: readonly Range[], types: readonly string[]): string[] {
  const found = types.map((type) => {
    // The most specific range decides: `application/json;q=0, */*` takes all but JSON.
    const names = [type, type.replace(/\/.*/, '/*'), '*/*'];
    const place = names.map((name) => ranges.findIndex((range) => range.name === name)).find((at) => at >= 0);
    return { type, place: place ?? 0, weight: place === undefined ? 0 : (ranges[place]?.weight ?? 0) };
  });
  return found
    .filter(({ weight }) => weight > 0)
    .sort((one, other) => other.weight - one.weight || one.place - other.place)
    .map(({ type }) => type);
}

function refuseAll(fetchAPI: FetchAPI, isText: boolean): Response {
  const message = `This is a GraphQL endpoint. Expected one of ${ANSWERS.join(', ')} in the header Accept, and got none of them.`;
  if (!isText) return refuse(fetchAPI, 406, 'BAD_USER_INPUT', message);
  const headers = { 'content-type': 'text/plain; charset=utf-8' };
  return new fetchAPI.Response(message, { status: 406, headers });
}
