// The proxies that requests of the gateway itself go through, by the variables that many programs share. It connects to
// nothing. Requests to this machine never go through a proxy.
import { BlockList, isIP } from 'node:net';
import { hasHostName, isLoopback, readNetwork, toPlainName } from './addresses.ts';
import { cleanSetting, describeInvisible, quoteSetting } from './clean-setting.ts';
import { findNameFaults } from './read-given.ts';

export type OutgoingProxies = {
  /** For addresses with http, and with https, and user and password in it if the proxy needs them. */
  readonly http: URL | undefined;
  readonly https: URL | undefined;
  /** Hosts that are reached without a proxy: the items of NO_PROXY. */
  readonly exceptions: readonly string[];
};

type Given = Readonly<Record<string, string | undefined>>;

const EXPECTED =
  'expected the http or https URL of a proxy, with user and password percent-encoded, such as http://proxy.example.com:3128';

const NAMES = ['http_proxy', 'https_proxy', 'no_proxy'].flatMap((name) => [name, name.toUpperCase()]);

/**
 * @returns a fault for each address that is none, and for each misspelt name. No fault shows an address that may have a
 *   password in it.
 */
export function readOutgoingProxies(given: Given): {
  readonly proxies: OutgoingProxies;
  readonly faults: readonly string[];
} {
  const [http, https] = ['http_proxy', 'https_proxy'].map((name) => {
    const { found, value } = readEither(given, name);
    const url = value === '' ? undefined : readProxy(value);
    const got = value.includes('@') ? 'something else' : quoteSetting(value.slice(0, 80));
    return { url, faults: value === '' || url ? [] : [`${found}: ${EXPECTED}, and got ${got}`] };
  });
  const exceptions = readEither(given, 'no_proxy')
    .value.split(/[\s,]+/)
    .map(cleanSetting)
    .filter(Boolean);
  return {
    proxies: Object.freeze({
      http: http?.url,
      https: https?.url ?? http?.url,
      exceptions: Object.freeze(exceptions),
    }),
    faults: [
      ...findNameFaults(Object.keys(given), NAMES).map(({ text }) => text),
      ...(http?.faults ?? []),
      ...(https?.faults ?? []),
    ],
  };
}

/** The name in lower case counts, unless nothing is set there; as in curl. */
function readEither(given: Given, name: string): { readonly found: string; readonly value: string } {
  const [lower, upper] = [name, name.toUpperCase()].map((found) => ({
    found,
    value: cleanSetting(given[found] ?? ''),
  }));
  return (lower?.value ? lower : upper) ?? { found: name, value: '' };
}

/** The proxy for requests to a URL; undefined if they go there directly. */
export function findProxy(proxies: OutgoingProxies, { protocol, hostname, port }: URL): URL | undefined {
  const proxy = protocol === 'https:' ? proxies.https : proxies.http;
  if (!proxy || isLoopback(hostname)) return undefined;
  const host = toPlainName(hostname);
  const number = port || (protocol === 'https:' ? '443' : '80');
  return proxies.exceptions.some((item) => isExcepted(item, host, number)) ? undefined : proxy;
}

/** Without a scheme, as many write it, it is an http URL. `URL` would drop some invisible characters silently. */
function readProxy(value: string): URL | undefined {
  if (describeInvisible(value) !== undefined) return undefined;
  const text = value.includes('://') ? value : `http://${value}`;
  if (!URL.canParse(text) || !hasHostName(text)) return undefined;
  const url = new URL(text);
  const { protocol, username, password, pathname, search, hash } = url;
  const isPlain = pathname === '/' && !search && !hash;
  if ((protocol !== 'http:' && protocol !== 'https:') || !isPlain) return undefined;
  try {
    decodeURIComponent(username + password);
    return url;
  } catch {
    return undefined;
  }
}

/**
 * As undici and curl read NO_PROXY: a name stands for its subdomains too, `*.name` for those alone, `*` for all hosts. An
 * item may name a port, or a network such as `10.0.0.0/8`.
 */
function isExcepted(item: string, host: string, port: string): boolean {
  const [, inBrackets, afterBrackets, plain, afterPlain] =
    /^\[([^\]]+)\](?::(\d+))?$|^([^:]+):(\d+)$/.exec(item) ?? [];
  const onlyPort = afterBrackets ?? afterPlain;
  if (onlyPort !== undefined && onlyPort !== port) return false;
  const name = toPlainName(inBrackets ?? plain ?? item);
  if (name === '*') return true;
  const network = readNetwork(name);
  if (network) {
    const family = isIP(host) === 6 ? 'ipv6' : 'ipv4';
    const addresses = new BlockList();
    addresses.addSubnet(network.address, network.prefix, network.family);
    return isIP(host) !== 0 && addresses.check(host, family);
  }
  const domain = name.replace(/^\*?\./, '');
  return domain !== '' && (host.endsWith(`.${domain}`) || (host === domain && !name.startsWith('*')));
}
