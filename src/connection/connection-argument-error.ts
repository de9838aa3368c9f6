// The one error of this folder: an argument that cannot be served. It is thrown before anything is sent upstream, with
// two exceptions: a cursor whose place can no longer be found, and a list too long to order here.

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

/** Quotes a value for a message: at most its first 60 characters, and never half a character. */
export function quote(value: unknown): string {
  if (typeof value !== 'string') return String(value).slice(0, MAX_QUOTED);
  const text = value.length > MAX_QUOTED ? `${value.slice(0, MAX_QUOTED).toWellFormed()}…` : value;
  return `"${text}"`;
}
