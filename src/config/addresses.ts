// Checks of settings and Host headers that are addresses.
import { BlockList, isIP } from 'node:net';
import { domainToASCII } from 'node:url';

/** Before an IPv4 address in IPv6 form. */
export const MAPPED = /^::ffff:(?=[\d.]+$)/i;

/** It also finds IPv4 addresses in IPv6 form. */
const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Whether a host name or address can only be reached from this machine. */
export function isLoopback(host: string): boolean {
  const name = toPlainName(host);
  const version = isIP(name);
  return version === 0 ? name === 'localhost' : LOOPBACK.check(name, version === 6 ? 'ipv6' : 'ipv4');
}

/**
 * Whether requests to a host stay on this machine. More than `isLoopback`: who listens on `0.0.0.0` or `::` listens to
 * everyone, and the resolver decides about names below `localhost`.
 */
export function leadsToThisMachine(host: string): boolean {
  const name = toPlainName(host);
  return isLoopback(name) || name === '0.0.0.0' || isEveryAddress(name) || name.endsWith('.localhost');
}

/**
 * In lower case, in ASCII as `URL` spells international names, without the brackets of an IPv6 address and the dot that may
 * end a full name.
 */
export function toPlainName(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/(?<=.)\.$/, '');
  // The function silently takes a part of a whole URL, and drops some invisible characters.
  const isName = !/^\p{ASCII}*$/u.test(plain) && !/[:/?#@\\]|\p{C}/u.test(plain);
  return (isName && domainToASCII(plain)) || plain;
}

/** Whether an address to listen on is the one that stands for all of the machine, IPv6 and IPv4. */
export function isEveryAddress(host: string): boolean {
  return isIP(host) === 6 && /^[0:]+$/.test(host);
}

/** Whether a value is an http or https URL that paths can be appended to, without secrets in it. */
export function isBaseUrl(value: string): boolean {
  if (!URL.canParse(value) || !hasHostName(value)) return false;
  const { protocol, username, password } = new URL(value);
  // `search` and `hash` are empty if nothing follows the sign, but paths would still be appended behind it.
  return (protocol === 'https:' || protocol === 'http:') && !username && !password && !/[?#]/.test(value);
}

/** Whether keys can be fetched safely from a URL: over plain http, an attacker on the network could replace them. */
export function isKeysUrl(value: string): boolean {
  if (!URL.canParse(value) || !hasHostName(value)) return false;
  const { protocol, hostname, username, password, hash } = new URL(value);
  if (username || password || hash) return false;
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}

/** Whether a value has the form that browsers send as Origin. */
export function isOrigin(value: string): boolean {
  // A host with an asterisk parses, but would match no page.
  return URL.canParse(value) && /^https?:[^*]+$/.test(value) && new URL(value).origin === value;
}

/** Whether a URL that can be parsed names its host. `URL` takes a number, such as a port alone, for an IPv4 address. */
export function hasHostName(url: string): boolean {
  const isNumber = /^[a-z]+:\/\/(?:[^/]*@)?\d+(?::\d*)?(?:[/?#]|$)/i.test(url);
  return !isNumber && readHostName(new URL(url).hostname) !== undefined;
}

/**
 * A host name or an address without a port, as `URL` spells it, but without the dot that may end a full name; undefined if the
 * value is neither.
 */
export function readHostName(value: string): string | undefined {
  if (!/^[\p{L}\p{M}\p{N}_.:[\]-]+$/u.test(value) || /^\.|\.\./.test(value)) return undefined;
  const written = value.includes(':') && !value.startsWith('[') ? `[${value}]` : value;
  const url = URL.parse(`http://${written}`);
  if (!url) return undefined;
  const host = url.host.replace(/\.$/, '');
  // An IPv6 address has many spellings.
  return host === toPlainName(written) || /^\[[^\]]+\]$/.test(written) ? host : undefined;
}

/** An address or a network in CIDR notation, such as `10.0.0.0/8`; undefined if the value is neither. */
export function readNetwork(
  value: string,
): { readonly address: string; readonly prefix: number; readonly family: 'ipv4' | 'ipv6' } | undefined {
  const [, written = '', digits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(value) ?? [];
  const version = isIP(written);
  if (version === 0) return undefined;
  const bits = version === 6 ? 128 : 32;
  const prefix = digits === undefined ? bits : Number(digits);
  // As a socket for both names IPv4 addresses, which are compared as IPv4.
  const address = written.replace(MAPPED, '');
  if (address !== written) return readNetwork(`${address}/${prefix - 96}`);
  return prefix > bits ? undefined : { address, prefix, family: version === 6 ? 'ipv6' : 'ipv4' };
}

/**
 * The network that one client can take addresses from: an IPv4 address, or the 64 bits that name an IPv6 network. Empty for
 * an unknown address.
 */
export function toNetwork(address = ''): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = address.split('::');
  const start = head.split(':');
  const end = tail?.split(':') ?? [];
  // An empty text has no group, and an IPv4 address at the end counts as two.
  const known = [...start, ...end].filter((group) => group !== '').length + (tail?.includes('.') ? 1 : 0);
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - known }, () => '0');
  const groups = [...start.filter((group) => group !== ''), ...zeros, ...end];
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}
