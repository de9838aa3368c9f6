// The one error of this folder: an argument of a connection that cannot be served. Nothing was sent upstream for it,
// but for a cursor whose place the list has left far behind.

export type ArgumentName = 'first' | 'after' | 'last' | 'before' | 'orderBy';

export class ConnectionArgumentError extends Error {
  override name = 'ConnectionArgumentError';
  readonly argument: ArgumentName;

  constructor(argument: ArgumentName, message: string) {
    super(message);
    this.argument = argument;
  }
}

const MAX_QUOTED = 60;

/** What came, for a message: never more than 80 characters of it, and never half a character. */
export function quote(value: unknown): string {
  if (typeof value !== 'string') return String(value).slice(0, MAX_QUOTED);
  const text = value.length > MAX_QUOTED ? `${value.slice(0, MAX_QUOTED).toWellFormed()}…` : value;
  return `"${text}"`;
}
