// The caller's credentials: in memory, and in this tab's session storage if the user wants that. Never in an address, a cookie,
// a log, or storage that outlives the tab.

/** The storage is that of the origin, where other apps may keep an `authorization` of theirs. */
const KEY = 'video-gateway.authorization';

/** The value of the Authorization header. */
let authorization = read();
const listeners = new Set<() => void>();

function read(): string | undefined {
  try {
    const stored = sessionStorage.getItem(KEY);
    // What no header takes is not from this app.
    return stored && /^(?:Basic|Bearer) [\x21-\x7e]+$/.test(stored) ? stored : undefined;
  } catch {
    // The browser allows no storage.
    return undefined;
  }
}

export const getAuthorization = (): string | undefined => authorization;

/** @param isKept - whether a reload of this tab still knows it. */
export function setAuthorization(value: string | undefined, isKept: boolean): void {
  authorization = value;
  try {
    if (value !== undefined && isKept) sessionStorage.setItem(KEY, value);
    else sessionStorage.removeItem(KEY);
  } catch {
    // Then it is in memory only.
  }
  for (const listener of listeners) listener();
}

export function onAuthorization(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export type AuthMode = 'none' | 'passthrough' | 'jwt';

/** Which credentials the gateway wants, as the page says. */
export function readAuthMode(): AuthMode {
  const mode = document.querySelector('meta[name=auth]')?.getAttribute('content');
  return mode === 'passthrough' || mode === 'jwt' ? mode : 'none';
}

/**
 * What a user has typed or pasted, as an Authorization header: an API key by Basic, a token by Bearer. A token of JSON has two
 * dots, which a key never has.
 *
 * @returns undefined if it cannot be sent: a header takes no blanks within and no other characters than ASCII.
 */
export function toAuthorization(typed: string, mode: AuthMode): string | undefined {
  const secret = typed.trim().replace(/^Bearer\s+/i, '');
  if (!/^[\x21-\x7e]+$/.test(secret)) return undefined;
  const isToken = mode === 'jwt' || secret.split('.').length === 3;
  return isToken ? `Bearer ${secret}` : `Basic ${btoa(`${secret}:`)}`;
}

/**
 * Whether two such headers are another's: other keys, or tokens with another name in them. A new token of the same holder is
 * not.
 */
export const isSomebodyElse = (one: string, other: string): boolean => toHolder(one) !== toHolder(other);

function toHolder(header: string): string {
  const [, claims] = /^Bearer [^.]*\.([^.]*)\./.exec(header) ?? [];
  if (claims === undefined) return header;
  try {
    const json = atob(claims.replaceAll('-', '+').replaceAll('_', '/'));
    const { iss, sub, projectId }: Readonly<Record<string, unknown>> = JSON.parse(json);
    // A token that names nobody may be anybody's.
    return sub === undefined && projectId === undefined ? header : JSON.stringify([iss, sub, projectId]);
  } catch {
    return header;
  }
}
