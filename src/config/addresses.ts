// What is accepted where a setting, or a Host header, is an address.
import { isIP } from 'node:net';

/** Whether a host name or address can only be reached from this machine. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '');
  return name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'));
}

/** An http or https URL to which paths can be added, and which shows no secret. */
export function isBaseUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, username, password, search, hash } = new URL(value);
  return (protocol === 'https:' || protocol === 'http:') && !username && !password && !search && !hash;
}

/** Keys that were fetched over an open line would be whose who sits on it. */
export function isKeysUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname, username, password, hash } = new URL(value);
  if (username || password || hash) return false;
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}

/** What browsers send as Origin. */
export function isOrigin(value: string): boolean {
  // A host with an asterisk parses, and would match no page that was meant.
  return URL.canParse(value) && /^https?:[^*]+$/.test(value) && new URL(value).origin === value;
}
