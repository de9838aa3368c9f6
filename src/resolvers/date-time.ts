import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';

/** `2026-11-23T09:30:00+00:00`, the form of most upstream timestamps: only the offset needs rewriting. */
const UTC_SECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/;

/** Converts any RFC 3339 timestamp to UTC, with a fraction of a second only if it has one. */
export function toUtc(instant: string): string {
  if (UTC_SECONDS.test(instant)) return `${instant.slice(0, 19)}Z`;
  const time = Date.parse(instant);
  if (Number.isNaN(time)) throw new TypeError('expected an RFC 3339 timestamp');
  return new Date(time).toISOString().replace('.000Z', 'Z');
}

/** The DateTime scalar: strings on both sides, converted to UTC in answers. */
export const dateTime = new GraphQLScalarType<string, string>({
  name: 'DateTime',
  serialize: (value) => toUtc(String(value)),
  parseValue: readInstant,
  parseLiteral: (node) => readInstant(node.kind === Kind.STRING ? node.value : undefined),
});

function readInstant(value: unknown): string {
  if (typeof value === 'string' && !Number.isNaN(Date.parse(value))) return toUtc(value);
  throw new GraphQLError('Expected a DateTime: an RFC 3339 timestamp such as 2026-11-23T09:30:00Z.');
}
