// Checks of settings and Host headers that are addresses.
import { isIP } from 'node:net';

/** Whether a host name or address can only be reached from this machine. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '');
  return name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'));
}

/** Whether a value is an http or https URL that paths can be appended to, without secrets in it. */
export function isBaseUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, username, password, search, hash } = new URL(value);
  return (protocol === 'https:' || protocol === 'http:') && !username && !password && !search && !hash;
}

/** Whether keys can be fetched safely from a URL: over plain http, an attacker on the network could replace them. */
export function isKeysUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname, username, password, hash } = new URL(value);
  if (username || password || hash) return false;
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}

/** Whether a value has the form that browsers send as Origin. */
export function isOrigin(value: string): boolean {
  // A host with an asterisk parses, but would match no page.
  return URL.canParse(value) && /^https?:[^*]+$/.test(value) && new URL(value).origin === value;
}
