// The keys of JWT_JWKS_URL, and what becomes of tokens before the gateway has had any. What needs hours is in
// key-outages.test.ts.
import { describe, expect, test } from 'vitest';
import { captureLog } from '../support/capture-log.ts';
import { eventually } from '../support/eventually.ts';
import { createToken, key, startJwtGateway } from '../support/issue-jwt.ts';
import { type KeyServerFault, OUT_OF_ORDER, SILENT, startKeyServer } from '../support/key-server.ts';

const ASK = '{ viewer { canRead } }';

describe('keys from a URL', () => {
  test('are fetched once for many tokens', async () => {
    await using keys = await startKeyServer();
    await using started = await startJwtGateway({ JWT_JWKS_URL: keys.url });
    const { ask } = started;
    const token = await keys.sign();
    const answers = await Promise.all([1, 2, 3].map(() => ask(token, '{ videos { totalCount } }')));
    expect(answers.map(({ data }) => data)).toEqual([1, 2, 3].map(() => ({ videos: { totalCount: 2 } })));
    expect(keys.state.requests).toBe(1);
  });

  test('are asked for with the query of the URL, and no connection stays open', async () => {
    await using keys = await startKeyServer();
    const asked: string[] = [];
    keys.state.fault = (response, { url = '', headers }) => {
      asked.push(`${url} ${headers['user-agent']}`);
      response.end(JSON.stringify({ keys: keys.state.keys }));
    };
    await using started = await startJwtGateway({ JWT_JWKS_URL: `${keys.url}?tenant=a%20b` });

    expect((await started.ask(await keys.sign(), ASK)).status).toBe(200);

    expect(asked).toEqual(['/jwks?tenant=a%20b apivideo-graphql']);
    await eventually(() => expect(keys.sockets.size).toBe(0));
  });

  test.each<[string, (json: string) => string | Buffer]>([
    ['a byte order mark before it', (json) => `\uFEFF${json}`],
    ['other members beside the keys', (json) => json.replace('{', '{"__proto__":{"x":1},"issuer":"me",')],
  ])('are read with %s', async (_name, change) => {
    await using keys = await startKeyServer();
    keys.state.fault = (response) => response.end(change(JSON.stringify({ keys: keys.state.keys })));
    await using started = await startJwtGateway({ JWT_JWKS_URL: keys.url });
    expect((await started.ask(await keys.sign(), ASK)).status).toBe(200);
  });

  test('do not serve as a secret: HS256 with the public key is refused', async () => {
    await using keys = await startKeyServer();
    await using started = await startJwtGateway({ JWT_JWKS_URL: keys.url });
    const { ask } = started;
    const token = await createToken({ scope: 'videos:read' }, { alg: 'HS256', kid: 'one' }).sign(
      key(JSON.stringify(keys.state.keys[0])),
    );
    expect((await ask(token, ASK)).status).toBe(401);
    await keys.add('two', { isPublished: false });
    expect((await ask(await keys.sign('two'), ASK)).status).toBe(401);
  });

  test('that cannot be had are no fault of the caller: 503, and nothing is sent', async () => {
    await using keys = await startKeyServer();
    keys.state.fault = OUT_OF_ORDER;
    await using started = await startJwtGateway({ JWT_JWKS_URL: keys.url });
    const { ask, sandbox } = started;
    const { status, errors } = await ask(await keys.sign(), '{ videos { totalCount } }');
    expect([status, errors[0]?.extensions]).toEqual([503, { code: 'UPSTREAM_UNAVAILABLE' }]);
    expect(sandbox.requests).toEqual([]);
  });

  test.each<[string, KeyServerFault, RegExp]>([
    ['answers 500', OUT_OF_ORDER, /status 500, expected 200/],
    ['answers a page', (response) => response.end('<html></html>'), /is no JSON/],
    ['answers no set of keys', (response) => response.end('{"keys":"none"}'), /expected an object/],
    ['ends the connection', (response) => response.socket?.destroy(), /other side closed/],
    ['drips', (response) => drip(response), /no complete answer in time/],
    ['says nothing', SILENT, /no complete answer in time/],
    ['sends without end', (response) => flood(response), /the answer is larger than/],
  ])('the log has the cause once if they cannot be fetched: it %s', async (_name, fault, cause) => {
    const { logger, lines, text } = captureLog('error');
    await using keys = await startKeyServer();
    keys.state.fault = fault;
    await using started = await startJwtGateway({ JWT_JWKS_URL: keys.url }, logger);
    const token = await keys.sign();
    const askTogether = () => Promise.all([1, 2, 3].map(() => started.ask(token, ASK)));

    const answers = await askTogether();
    expect(keys.state.requests).toBe(1);
    answers.push(...(await askTogether()));

    await eventually(() => expect(keys.sockets.size).toBe(0));
    expect(lines).toMatchObject([
      {
        msg: 'The gateway could not fetch the keys that verify tokens, so it refuses requests',
        err: { message: expect.stringMatching(cause) },
      },
    ]);
    expect(text()).not.toContain(token);
    for (const { errors } of answers) {
      expect(errors).toEqual([
        {
          message: 'The gateway could not fetch the keys that verify tokens. Retry later.',
          extensions: { code: 'UPSTREAM_UNAVAILABLE' },
        },
      ]);
    }
  });

  test('are not fetched from where the key server redirects', async () => {
    await using other = await startKeyServer();
    await using keys = await startKeyServer();
    keys.state.fault = (response) => response.writeHead(302, { location: other.url }).end();
    await using started = await startJwtGateway({ JWT_JWKS_URL: keys.url });

    expect((await started.ask(await other.sign(), ASK)).status).toBe(503);
    expect(other.state.requests).toBe(0);
  });

  test('are no longer waited for once the gateway is closed', async () => {
    await using keys = await startKeyServer();
    keys.state.fault = SILENT;
    await using started = await startJwtGateway({ JWT_JWKS_URL: keys.url });
    const asked = started.ask(await keys.sign(), ASK);
    await eventually(() => expect(keys.state.requests).toBe(1));

    const closed = started.gateway.close();

    expect((await asked).status).toBe(503);
    await closed;
    await eventually(() => expect(keys.sockets.size).toBe(0));
  });

  test('no error is logged if a token is wrong', async () => {
    const { logger, lines } = captureLog('error');
    await using keys = await startKeyServer();
    await keys.add('another', { isPublished: false });
    await using started = await startJwtGateway({ JWT_JWKS_URL: keys.url }, logger);
    const { ask } = started;

    for (const token of [
      'no.jwt.token',
      await keys.sign('another'),
      await createToken().sign(key('b'.repeat(40))),
    ]) {
      expect((await ask(token, ASK)).status).toBe(401);
    }

    expect(lines).toEqual([]);
  });
});

type Answer = Parameters<KeyServerFault>[0];

function drip(response: Answer) {
  response.writeHead(200, { 'content-type': 'application/json' });
  const timer = setInterval(() => response.write(' '), 100);
  response.once('close', () => clearInterval(timer));
}

/** Ends by itself after 20 MB, if nobody cuts it. */
function flood(response: Answer) {
  const piece = Buffer.alloc(256 * 1024, ' ');
  let left = 80;
  const write = () => {
    while (left > 0 && !response.destroyed) {
      left -= 1;
      if (!response.write(piece)) return void response.once('drain', write);
    }
    response.end();
  };
  write();
}
