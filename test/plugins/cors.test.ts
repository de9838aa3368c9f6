// What a page of another origin can do with a gateway on the user's machine: nothing, unless CORS_ORIGINS names it.
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config/read-config.ts';
import { createGateway } from '../../src/gateway.ts';
import { captureLog } from '../support/capture-log.ts';
import { type RawAnswer, startListeningGateway } from '../support/listening-gateway.ts';
import { openConnection } from '../support/raw-connection.ts';
import { startSandbox } from '../support/sandbox.ts';

const APP = 'https://app.example.com';
const OTHER = 'https://studio.example.com';
const EVIL = 'https://evil.example';

const body = [JSON.stringify({ query: '{ videos { totalCount } }' })];

function corsHeaders({ headers }: RawAnswer): string[] {
  return Object.keys(headers).filter((name) => name.startsWith('access-control-'));
}

const preflight = (origin: string) => ({
  method: 'OPTIONS',
  headers: {
    origin,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'content-type',
  },
});
const post = (origin: string) => ({
  method: 'POST',
  headers: { origin, 'content-type': 'application/json' },
  body,
});

describe('without CORS_ORIGINS', () => {
  test.each([EVIL, APP, 'null', 'http://127.0.0.1:3000'])('gives %s no CORS header', async (origin) => {
    await using started = await startListeningGateway();
    const { sandbox, send } = started;

    const asked = await send(preflight(origin));
    expect(asked).toMatchObject({ status: 403, body: expect.stringContaining('CORS_ORIGINS') });
    expect(corsHeaders(asked)).toEqual([]);
    expect(sandbox.requests).toEqual([]);

    expect(corsHeaders(await send(post(origin)))).toEqual([]);
  });
});

describe.each([
  ['one origin', APP],
  ['several origins', `${APP}, ${OTHER}`],
])('with CORS_ORIGINS of %s', (_name, origins) => {
  const env = { CORS_ORIGINS: origins };

  test('lets a page of a named one ask and call', async () => {
    await using started = await startListeningGateway({ env });
    const { send } = started;

    const asked = await send(preflight(APP));
    const called = await send(post(APP));

    expect(asked.status).toBe(204);
    expect(asked.headers).toMatchObject({
      'access-control-allow-origin': APP,
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'content-type',
    });
    expect(called.status).toBe(200);
    expect(called.headers['access-control-allow-origin']).toBe(APP);
    expect(called.headers['access-control-expose-headers']).toBe('x-request-id, retry-after');
    for (const answer of [asked, called]) {
      expect(answer.headers).not.toHaveProperty('access-control-allow-credentials');
      expect(answer.headers.vary).toContain('Origin');
    }
  });

  test.each([
    EVIL,
    'null',
    'http://app.example.com',
    `${APP}:8443`,
    `${APP}.evil.example`,
    'https://APP.example.com',
    '*',
    '',
  ])('gives "%s" no CORS header', async (origin) => {
    await using started = await startListeningGateway({ env });
    const { send } = started;

    const asked = await send(preflight(origin));
    const called = await send(post(origin));

    // An empty Origin is none.
    expect(asked.status).toBe(origin === '' ? 405 : 403);
    for (const answer of [asked, called]) {
      expect(corsHeaders(answer)).toEqual([]);
      expect(answer.headers.vary).toContain('Origin');
    }
  });

  test('gives no CORS header without an Origin', async () => {
    await using started = await startListeningGateway({ env });
    const { send } = started;

    const answer = await send({ path: '/graphql?query={__typename}' });

    expect(answer.status).toBe(200);
    expect(corsHeaders(answer)).toEqual([]);
  });
});

test('a preflight gets its reason before the gateway asks for credentials', async () => {
  await using started = await startListeningGateway({
    env: { APIVIDEO_API_KEY: '', AUTH: 'passthrough' },
  });

  const answer = await started.send(preflight(EVIL));

  expect(answer).toMatchObject({ status: 403, body: expect.stringContaining('CORS_ORIGINS') });
});

test.each(['/graphql', '/', '/health', '/ready', '/metrics', '/nowhere'])(
  'a preflight for %s is answered by whether the page may call',
  async (path) => {
    await using started = await startListeningGateway({ env: { CORS_ORIGINS: APP } });
    const { send } = started;

    const allowed = await send({ ...preflight(APP), path });
    const refused = await send({ ...preflight(EVIL), path });

    expect([allowed.status, allowed.headers['access-control-allow-origin']]).toEqual([204, APP]);
    expect([refused.status, corsHeaders(refused)]).toEqual([403, []]);
    // The page can read what follows, also that there is nothing.
    const called = await send({ path, headers: { origin: APP, 'sec-fetch-site': 'cross-site' } });
    expect(called.headers['access-control-allow-origin']).toBe(APP);
  },
);

describe('the log', () => {
  test('names each refused origin once, and what to do', async () => {
    const { logger, lines } = captureLog('warn');
    await using started = await startListeningGateway({ logger, env: { CORS_ORIGINS: APP } });
    const { send } = started;

    for (let count = 0; count < 3; count += 1) {
      await send(preflight('http://localhost:5173'));
      await send({ headers: { origin: OTHER, 'sec-fetch-site': 'cross-site' } });
      await send(preflight(APP));
      await send({ headers: { 'sec-fetch-site': 'cross-site' } });
    }

    expect(lines.map(({ msg }) => msg)).toEqual([
      'Refused a page of http://localhost:5173: name it in CORS_ORIGINS',
      `Refused a page of ${OTHER}: name it in CORS_ORIGINS`,
    ]);
  });

  test.each([
    ['null', '"null"'],
    ['chrome-extension://abc', '"chrome-extension://abc"'],
    ['http://a\u0085b', '"http://a?b"'],
    ['http://evil.example/path', '"http://evil.example/path"'],
    [`https://${'x'.repeat(9_000)}.example`, `"https://${'x'.repeat(72)}…"`],
  ])('shows %j in quotes and short, which no setting can name', async (origin, shown) => {
    const { logger, lines } = captureLog('warn');
    await using started = await startListeningGateway({ logger });
    using connection = await openConnection(started.port);

    connection.write(
      Buffer.from(
        `OPTIONS /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\norigin: ${origin}\r\naccess-control-request-method: POST\r\n\r\n`,
        'latin1',
      ),
    );
    await connection.received(/HTTP/);

    expect(lines.map(({ msg }) => msg)).toEqual([
      `Refused a page of the origin ${shown}, which CORS_ORIGINS cannot name: a page must come over http or https, not from a file or a sandboxed frame`,
    ]);
  });

  test('has at most 101 lines about refused origins, however many there are', async () => {
    const { logger, lines } = captureLog('warn');
    await using started = await startListeningGateway({ logger });

    for (let count = 0; count < 150; count += 1) await started.send(preflight(`http://page${count}.example`));

    expect(lines).toHaveLength(101);
    expect(lines.at(-1)?.msg).toMatch(/others like this are not logged$/);
  });
});

describe('with the embedded sandbox', () => {
  test.each([
    ['http://localhost:5173', true],
    ['https://localhost', true],
    ['http://127.0.0.1:3000', true],
    ['http://127.1.2.3:3000', true],
    ['https://[::1]:8443', true],
    ['http://app.localhost:3000', true],
    ['http://0.0.0.0:8000', false],
    ['http://[::]:8000', false],
    [EVIL, false],
    ['null', false],
    ['http://localhost.evil.example', false],
    ['http://evillocalhost', false],
    ['http://127.0.0.1.evil.example', false],
    ['http://localhost:5173/', false],
    ['http://x@localhost:5173', false],
    ['http://LOCALHOST:5173', false],
    ['ftp://localhost', false],
    ['chrome-extension://localhost', false],
    ['localhost', false],
    ['http://192.168.0.1', false],
  ])('a page of %s may call: %j', async (origin, mayCall) => {
    await using started = await startSandboxGateway();
    const { ask } = started;

    const [asked, called] = [await ask(preflight(origin)), await ask(post(origin))];

    expect(asked.status).toBe(mayCall ? 204 : 403);
    for (const { headers } of [asked, called]) {
      expect(headers.get('access-control-allow-origin')).toBe(mayCall ? origin : null);
      expect(headers.get('vary')).toContain('Origin');
    }
  });

  test('no page of this machine may call a gateway with a key, even if it names a host of this machine', async () => {
    await using started = await startListeningGateway({ env: { CORS_ORIGINS: APP } });

    for (const origin of ['http://localhost:5173', 'http://127.0.0.1:3000', 'http://[::1]'])
      expect((await started.send(preflight(origin))).status).toBe(403);
  });
});

/** The settings are those of `npm start`, without a process of its own. */
async function startSandboxGateway() {
  const sandbox = await startSandbox();
  const config = readConfig({}, { sandbox: true });
  const access = { apiKey: 'sandbox-key', baseUrl: new URL(sandbox.url) };
  const gateway = await createGateway({ ...config, ...access }, pino({ level: 'silent' }));
  return {
    ask: ({ method, headers, body }: { method: string; headers: Record<string, string>; body?: string[] }) =>
      gateway.fetch('http://127.0.0.1/graphql', { method, headers, ...(body && { body: body.join('') }) }),
    async [Symbol.asyncDispose]() {
      await sandbox.close();
      await gateway.close();
    },
  };
}

test('an OPTIONS that is no preflight gets the methods', async () => {
  await using started = await startListeningGateway();

  expect(await started.send({ method: 'OPTIONS', headers: { origin: EVIL } })).toMatchObject({ status: 405 });
});

describe('what a browser sends for a foreign page without asking first', () => {
  const path = `/graphql?query=${encodeURIComponent('{ videos { totalCount } }')}`;

  test.each(['cross-site', 'same-site'])('is refused as %s before it costs a read', async (site) => {
    await using started = await startListeningGateway();
    const { sandbox, send } = started;

    const answer = await send({ path, headers: { 'sec-fetch-site': site, 'sec-fetch-mode': 'no-cors' } });

    expect(answer.status).toBe(403);
    expect(JSON.parse(answer.body)).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
    expect(sandbox.requests).toEqual([]);
  });

  test.each(['same-origin', 'none'])('is answered as %s', async (site) => {
    await using started = await startListeningGateway();
    const { send } = started;

    expect((await send({ path, headers: { 'sec-fetch-site': site } })).status).toBe(200);
  });

  test('is refused as the handshake of a WebSocket, which does not name its site', async () => {
    await using started = await startListeningGateway({ env: { CORS_ORIGINS: APP } });
    const { sandbox, send } = started;

    for (const upgrade of ['websocket', 'WebSocket', 'h2c, websocket']) {
      for (const origin of [EVIL, APP]) {
        const answer = await send({ path, headers: { connection: 'upgrade', upgrade, origin } });
        expect(answer.status).toBe(400);
        expect(JSON.parse(answer.body)).toMatchObject({
          errors: [{ extensions: { code: 'BAD_USER_INPUT' } }],
        });
      }
    }
    expect(sandbox.requests).toEqual([]);
  });

  test('is answered to a program that would rather speak HTTP/2', async () => {
    await using started = await startListeningGateway();
    const { send } = started;

    const answer = await send({ path, headers: { connection: 'upgrade', upgrade: 'h2c' } });

    expect(JSON.parse(answer.body)).toEqual({ data: { videos: { totalCount: 0 } } });
  });

  test('is answered for a page that CORS_ORIGINS names', async () => {
    await using started = await startListeningGateway({ env: { CORS_ORIGINS: APP } });
    const { send } = started;

    expect((await send({ path, headers: { 'sec-fetch-site': 'cross-site', origin: APP } })).status).toBe(200);
    expect((await send({ path, headers: { 'sec-fetch-site': 'cross-site', origin: EVIL } })).status).toBe(
      403,
    );
  });

  test('still opens GraphiQL from a link', async () => {
    await using started = await startListeningGateway();
    const { send } = started;

    const answer = await send({
      headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', accept: 'text/html' },
    });

    expect(answer.status).toBe(200);
    expect(answer.headers['content-security-policy']).toContain("frame-ancestors 'none'");
  });
});

describe('a gateway on loopback', () => {
  test.each([
    'evil.example',
    'evil.example:4000',
    '127.0.0.1.evil.example',
    '127.0.0.1.evil.example:4000',
    'localhost.evil.example',
    'evil.localhost.example',
    '0.0.0.0:4000',
    '192.168.0.1:4000',
    '[::2]:4000',
    '[::ffff:192.168.0.1]',
  ])('refuses the Host %s everywhere', async (host) => {
    await using started = await startListeningGateway();
    const { sandbox, send } = started;

    const answers = await Promise.all([
      send({ method: 'POST', headers: { host, 'content-type': 'application/json' }, body }),
      send({ path: '/graphql?query={__typename}', headers: { host } }),
      send({ path: '/graphql', headers: { host, accept: 'text/html' } }),
      send({ path: '/health', headers: { host } }),
      send({ path: '/ready', headers: { host } }),
    ]);

    for (const answer of answers) {
      expect(answer.status).toBe(403);
      expect(JSON.parse(answer.body)).toEqual({
        errors: [
          {
            message: 'The Host header names a host other than this machine. Call the gateway as localhost.',
            extensions: { code: 'FORBIDDEN' },
          },
        ],
      });
    }
    expect(sandbox.requests).toEqual([]);
  });

  test('refuses a request without a Host', async () => {
    await using started = await startListeningGateway();
    const { sandbox, send } = started;

    const answer = await send({
      method: 'POST',
      headers: { host: undefined, 'content-type': 'application/json' },
      body,
    });

    expect(answer.status).toBe(400);
    expect(sandbox.requests).toEqual([]);
  });

  test.each([
    'localhost',
    'localhost:4000',
    'LOCALHOST:4000',
    '127.0.0.1:4000',
    '127.1.2.3:4000',
    '[::1]:4000',
  ])('answers the Host %s', async (host) => {
    await using started = await startListeningGateway();
    const { send } = started;

    const answer = await send({ path: '/graphql?query={__typename}', headers: { host } });

    expect(JSON.parse(answer.body)).toEqual({ data: { __typename: 'Query' } });
  });
});
