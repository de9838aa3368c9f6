import { createServer, type ServerResponse } from 'node:http';
import { exportJWK, generateKeyPair } from 'jose';
import { describe, expect, test } from 'vitest';
import { captureLog } from '../support/capture-log.ts';
import { createToken, key, startJwtGateway } from '../support/issue-jwt.ts';
import { listen } from '../support/listen.ts';

type Fault = (response: ServerResponse) => void;

const OUT_OF_ORDER: Fault = (response) => response.writeHead(500).end('out of order');

describe('keys from a URL', () => {
  async function startKeys() {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256', use: 'sig' };
    const state: { requests: number; fault?: Fault } = { requests: 0 };
    const server = createServer((_request, response) => {
      state.requests += 1;
      if (state.fault) state.fault(response);
      else
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: [jwk] }));
    });
    const listening = await listen(server);
    const sign = (kid = 'one') =>
      createToken({ scope: 'videos:read' }, { alg: 'ES256', kid }).sign(privateKey);
    return {
      state,
      sign,
      publicKey: jwk,
      url: `http://127.0.0.1:${listening.port}/jwks`,
      [Symbol.asyncDispose]: () => listening[Symbol.asyncDispose](),
    };
  }

  test('are fetched once for many tokens', async () => {
    await using keys = await startKeys();
    await using started = await startJwtGateway({ JWT_JWKS_URL: keys.url });
    const { ask } = started;
    const token = await keys.sign();
    const answers = await Promise.all([1, 2, 3].map(() => ask(token, '{ videos { totalCount } }')));
    expect(answers.map(({ data }) => data)).toEqual([1, 2, 3].map(() => ({ videos: { totalCount: 2 } })));
    expect(keys.state.requests).toBe(1);
  });

  test('do not serve as a secret: HS256 with the public key is refused', async () => {
    await using keys = await startKeys();
    await using started = await startJwtGateway({ JWT_JWKS_URL: keys.url });
    const { ask } = started;
    const token = await createToken({ scope: 'videos:read' }, { alg: 'HS256', kid: 'one' }).sign(
      key(JSON.stringify(keys.publicKey)),
    );
    expect((await ask(token, '{ viewer { canRead } }')).status).toBe(401);
    expect((await ask(await keys.sign('two'), '{ viewer { canRead } }')).status).toBe(401);
  });

  test('that cannot be had are no fault of the caller: 503, and nothing is sent', async () => {
    await using keys = await startKeys();
    keys.state.fault = OUT_OF_ORDER;
    await using started = await startJwtGateway({ JWT_JWKS_URL: keys.url });
    const { ask, sandbox } = started;
    const { status, errors } = await ask(await keys.sign(), '{ videos { totalCount } }');
    expect([status, errors[0]?.extensions]).toEqual([503, { code: 'UPSTREAM_UNAVAILABLE' }]);
    expect(sandbox.requests).toEqual([]);
  });

  test.each<[string, Fault, RegExp]>([
    ['answers 500', OUT_OF_ORDER, /Expected 200 OK/],
    ['answers a page', (response) => response.end('<html></html>'), /parse .* as JSON/],
    ['answers no set of keys', (response) => response.end('{"keys":"none"}'), /malformed/],
    ['ends the connection', (response) => response.socket?.destroy(), /fetch failed.*other side closed/],
  ])(
    'the operator is told why they cannot be had, once for each time: it %s',
    async (_name, fault, cause) => {
      const { logger, lines, text } = captureLog('error');
      await using keys = await startKeys();
      keys.state.fault = fault;
      await using started = await startJwtGateway({ JWT_JWKS_URL: keys.url }, logger);
      const { ask } = started;
      const token = await keys.sign();

      const askTogether = () => Promise.all([1, 2, 3].map(() => ask(token, '{ viewer { canRead } }')));

      const answers = await askTogether();
      expect(keys.state.requests).toBe(1);
      expect(lines).toHaveLength(1);
      answers.push(...(await askTogether()));

      expect(keys.state.requests).toBe(2);
      const told = {
        msg: 'The gateway could not fetch the keys that verify tokens, so it refuses requests',
        err: { message: expect.stringMatching(cause) },
      };
      expect(lines).toMatchObject([told, told]);
      expect(text()).not.toContain(token);
      for (const { errors } of answers) {
        expect(errors).toEqual([
          {
            message: 'The gateway could not fetch the keys that verify tokens. Retry later.',
            extensions: { code: 'UPSTREAM_UNAVAILABLE' },
          },
        ]);
      }
    },
  );

  test('the operator is told nothing of a token that is wrong', async () => {
    const { logger, lines } = captureLog('error');
    await using keys = await startKeys();
    await using started = await startJwtGateway({ JWT_JWKS_URL: keys.url }, logger);
    const { ask } = started;

    for (const token of [
      'no.jwt.token',
      await keys.sign('another'),
      await createToken().sign(key('b'.repeat(40))),
    ]) {
      expect((await ask(token, '{ viewer { canRead } }')).status).toBe(401);
    }

    expect(lines).toEqual([]);
  });
});
