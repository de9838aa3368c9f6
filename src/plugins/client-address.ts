// The address of the client, for logs and for limits per client. Behind a proxy the connection comes from the proxy, and
// X-Forwarded-For names the client. Anyone can send that header, so it counts only from the proxies in TRUSTED_PROXIES.
import type { IncomingHttpHeaders } from 'node:http';
import { BlockList, isIP } from 'node:net';
import type { Plugin } from 'graphql-yoga';
import { MAPPED, readNetwork } from '../config/addresses.ts';
import { currentRequest } from '../telemetry/current-request.ts';

/** The parts of Node.js's request that show the client. */
type Received = {
  readonly headers: IncomingHttpHeaders;
  readonly socket: { readonly remoteAddress?: string | undefined };
  /** Whether the whole body has arrived. */
  readonly complete?: boolean;
  /** Whether the whole body has been read. */
  readonly readableEnded?: boolean;
};

/** Yoga's `serverContext` has Node.js's request, unless the request came through `Gateway.fetch`. */
export type OnConnection = { readonly req?: Received };

/** Returns the client's address, such as `203.0.113.7`; undefined for a connection without one, such as a Unix socket. */
export type ReadClientAddress = (request: Received) => string | undefined;

/** Longer chains of proxies are not followed: a header may hold thousands of addresses. */
const MAX_HOPS = 20;

/** @param trustedProxies - addresses and networks such as `10.0.0.0/8`, as `readConfig` has checked them. */
export function createReadClientAddress(trustedProxies: readonly string[]): ReadClientAddress {
  const trusted = new BlockList();
  for (const each of trustedProxies) {
    const network = readNetwork(each);
    if (network) trusted.addSubnet(network.address, network.prefix, network.family);
  }
  const isTrusted = (address: string) => trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

  return ({ headers, socket }) => {
    let address = toPlain(socket.remoteAddress);
    if (trustedProxies.length === 0) return address;
    // Node.js joins repeated headers with a comma. Each proxy appends the address that it saw, so the last is the nearest.
    const hops = String(headers['x-forwarded-for'] ?? '')
      .split(',')
      .slice(-MAX_HOPS);
    while (address !== undefined && isTrusted(address)) {
      const next = toPlain(hops.pop()?.trim());
      if (next === undefined) break;
      address = next;
    }
    return address;
  };
}

/** Records the client's address for the log of the request. */
export function useClientAddress(readAddress: ReadClientAddress): Plugin<object, OnConnection> {
  return {
    onRequest({ serverContext: { req } }) {
      const current = currentRequest();
      if (current && req) current.address = readAddress(req);
    },
  };
}

/**
 * Without brackets, port and the interface of a link-local address, and an IPv4 address in IPv6 form as IPv4; undefined if
 * it is no address.
 */
function toPlain(text = ''): string | undefined {
  const [, inBrackets, withPort] = /^\[([^\]]*)\](?::\d+)?$|^([\d.]+):\d+$/.exec(text) ?? [];
  const address = (inBrackets ?? withPort ?? text).replace(/%.*$/, '').replace(MAPPED, '');
  return isIP(address) === 0 ? undefined : address;
}
