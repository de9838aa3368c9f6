// The proxies that requests of the gateway itself go through, by the variables that many programs share. It connects to
// nothing. Requests to this machine never go through a proxy.
import { BlockList, isIP } from 'node:net';
import { hasHostName, leadsToThisMachine, readHostName, readNetwork, toPlainName } from './addresses.ts';
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
 * @param destinations - the URLs that the gateway sends requests to.
 * @returns a fault for each address of a proxy that cannot be used, if requests would go through it; else a warning, because
 *   the variables may be meant for other programs. Also a warning for each exception that no host has, and a fault for each misspelt name. None of them shows an address that
 *   may have a password in it.
 */
export function readOutgoingProxies(
  given: Given,
  destinations: readonly URL[],
): {
  readonly proxies: OutgoingProxies;
  readonly faults: readonly string[];
  readonly warnings: readonly string[];
} {
  const http = readVariable(given, 'http_proxy');
  const ownHttps = readVariable(given, 'https_proxy');
  const https = ownHttps.isSet ? ownHttps : http;
  const exceptions = readEither(given, 'no_proxy')
    .value.split(/[\s,]+/)
    .map(cleanSetting)
    .filter(Boolean);
  const used = destinations
    .filter((url) => !isDirect(exceptions, url))
    .map(({ protocol }) => (protocol === 'https:' ? https : http));
  const unusable = [http, ownHttps].filter(({ fault }) => fault !== undefined);
  const [wrong, idle] = [true, false].map((isUsed) =>
    unusable.filter((each) => used.includes(each) === isUsed).map(({ fault }) => fault ?? ''),
  );
  return {
    proxies: Object.freeze({ http: http.url, https: https.url, exceptions: Object.freeze(exceptions) }),
    faults: [...findNameFaults(Object.keys(given), NAMES).map(({ text }) => text), ...(wrong ?? [])],
    warnings: [
      ...(idle ?? []).map((text) => `${text}; the gateway ignores it, because it needs no such proxy`),
      ...findIdleExceptions(exceptions),
    ],
  };
}

type ProxyVariable = {
  readonly isSet: boolean;
  readonly url: URL | undefined;
  readonly fault: string | undefined;
};

function readVariable(given: Given, name: string): ProxyVariable {
  const { found, value } = readEither(given, name);
  if (value === '') return { isSet: false, url: undefined, fault: undefined };
  const url = readProxy(value);
  const got = value.includes('@') ? 'something else' : quoteSetting(value.slice(0, 80));
  return { isSet: true, url, fault: url ? undefined : `${found}: ${EXPECTED}, and got ${got}` };
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
export function findProxy({ http, https, exceptions }: OutgoingProxies, url: URL): URL | undefined {
  const proxy = url.protocol === 'https:' ? https : http;
  return proxy && !isDirect(exceptions, url) ? proxy : undefined;
}

function isDirect(exceptions: readonly string[], { protocol, hostname, port }: URL): boolean {
  const host = toPlainName(hostname);
  const number = port || (protocol === 'https:' ? '443' : '80');
  return leadsToThisMachine(hostname) || exceptions.some((item) => isExcepted(item, host, number));
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
  const { name, domain, onlyPort } = readItem(item);
  if (onlyPort !== undefined && onlyPort !== port) return false;
  if (name === '*') return true;
  const network = readNetwork(name);
  if (network) {
    const family = isIP(host) === 6 ? 'ipv6' : 'ipv4';
    const addresses = new BlockList();
    addresses.addSubnet(network.address, network.prefix, network.family);
    return isIP(host) !== 0 && addresses.check(host, family);
  }
  return domain !== '' && (host.endsWith(`.${domain}`) || (host === domain && !name.startsWith('*')));
}

function readItem(item: string) {
  const [, inBrackets, afterBrackets, plain, afterPlain] =
    /^\[([^\]]+)\](?::(\d+))?$|^([^:]+):(\d+)$/.exec(item) ?? [];
  const name = toPlainName(inBrackets ?? plain ?? item);
  return { name, domain: name.replace(/^\*?\./, ''), onlyPort: afterBrackets ?? afterPlain };
}

/** Lines for the operator about items of NO_PROXY that can be the name of no host, such as URLs. */
function findIdleExceptions(exceptions: readonly string[]): string[] {
  const idle = exceptions.filter((item) => {
    const { name, domain } = readItem(item);
    return name !== '*' && !readNetwork(name) && readHostName(domain) === undefined;
  });
  return idle.map((item) => {
    const shown = item.includes('@') ? 'An item' : quoteSetting(item.slice(0, 80));
    return `NO_PROXY: ${shown} has no effect, because it is no host, no network such as 10.0.0.0/8, and no name such as *.example.com`;
  });
}
