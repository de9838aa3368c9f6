// A key server, as an identity provider runs one: it publishes its public keys, signs tokens, and can be out of order.

import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { expect } from 'vitest';
import { eventually } from './eventually.ts';
import { createToken } from './issue-jwt.ts';
import { listen } from './listen.ts';

export type KeyServerFault = (response: ServerResponse, request: IncomingMessage) => void;

export const OUT_OF_ORDER: KeyServerFault = (response) => response.writeHead(500).end('out of order');
export const SILENT: KeyServerFault = () => {};

const PING = '/ping';

export async function startKeyServer(alg = 'ES256') {
  const pairs = new Map<string, CryptoKey>();
  const sockets = new Set<Socket>();
  const state: { requests: number; keys: unknown[]; fault?: KeyServerFault } = { requests: 0, keys: [] };
  const server = createServer((request, response) => {
    if (request.url === PING) return void response.end();
    state.requests += 1;
    if (state.fault) state.fault(response, request);
    else response.end(JSON.stringify({ keys: state.keys }));
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const listening = await listen(server);

  /** Makes a key with this name, and publishes it if asked. */
  async function add(kid: string, { isPublished = true, ...more }: Record<string, unknown> = {}) {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
    pairs.set(kid, privateKey);
    const jwk = { ...(await exportJWK(publicKey)), kid, alg, use: 'sig', ...more };
    if (isPublished) state.keys.push(jwk);
    return jwk;
  }

  /** A token with exactly these claims, and perhaps more in its header. */
  async function signClaims(claims: Record<string, unknown>, header: Record<string, unknown> = {}) {
    const privateKey = pairs.get('one');
    if (!privateKey) throw new Error('no key');
    return new SignJWT(claims).setProtectedHeader({ alg, kid: 'one', ...header }).sign(privateKey);
  }

  /** A token that is signed with the key of that name. Its header says so, unless `header` differs. */
  async function sign(kid = 'one', header: Record<string, unknown> = {}, claims = {}) {
    const privateKey = pairs.get(kid);
    if (!privateKey) throw new Error(`no key named ${kid}`);
    return createToken({ scope: 'videos:read', ...claims }, { alg, kid, ...header }).sign(privateKey);
  }

  await add('one');
  return {
    state,
    /** The connections that are open now. */
    sockets,
    add,
    sign,
    signClaims,
    /** Waits until it has heard of every fetch that has begun, and each has ended. */
    async settle() {
      for (let round = 0; round < 2; round += 1) {
        // It accepts connections in their order.
        await once(get({ port: listening.port, path: PING, agent: false }), 'close');
        await eventually(() => expect(sockets.size).toBe(0));
      }
    },
    url: `http://127.0.0.1:${listening.port}/jwks`,
    [Symbol.asyncDispose]: () => listening[Symbol.asyncDispose](),
  };
}
