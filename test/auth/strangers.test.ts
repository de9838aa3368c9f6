// AUTH=passthrough: what made-up credentials cost api.video, and whom they keep out.
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { captureLog } from '../support/capture-log.ts';
import { startListeningGateway } from '../support/listening-gateway.ts';

const ENV = {
  APIVIDEO_API_KEY: '',
  AUTH: 'passthrough',
  VIDEO_RESTORE: 'on',
  APIVIDEO_DIALECT: 'removed',
  TRUSTED_PROXIES: '127.0.0.1',
};
const VIEWER = { query: '{ viewer { canRead } }' };
const PER_ADDRESS = 20;
const PER_PROJECT = 100;

const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url');
const toToken = (claims: unknown, header: unknown = { typ: 'JWT', alg: 'HS256' }) =>
  `${encode(header)}.${encode(claims)}.c2lnbmF0dXJl`;
const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;
/** Of a form that only api.video can distinguish from a token of its own. */
const makeUp = (projectId: string = randomUUID()) =>
  `Bearer ${toToken({ projectId, exp: inSeconds(3600), jti: randomUUID() })}`;
const basic = (key: string) => `Basic ${Buffer.from(`${key}:`).toString('base64')}`;

async function start(env: Record<string, string> = {}) {
  const { logger, lines } = captureLog('warn');
  const started = await startListeningGateway({ dialect: 'removed', logger, env: { ...ENV, ...env } });
  const { send, sandbox } = started;
  const ask = async (authorization: string, address = '203.0.113.1', body: unknown = VIEWER) => {
    const {
      status,
      headers,
      body: text,
    } = await send({
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization, 'x-forwarded-for': address },
      body: [JSON.stringify(body)],
    });
    const code = Object(JSON.parse(text)).errors?.[0]?.extensions?.code;
    return { status, code, retryAfter: Number(headers['retry-after']) };
  };
  const issue = async (): Promise<string> => {
    const response = await fetch(`${sandbox.url}/auth/api-key`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ apiKey: 'sandbox-key' }),
    });
    return `Bearer ${Object(await response.json()).access_token}`;
  };
  return { ...started, ask, issue, lines };
}

const count = (answers: readonly { status: number }[], status: number) =>
  answers.filter((answer) => answer.status === status).length;
const times = <T>(length: number, make: (index: number) => T) =>
  Array.from({ length }, (_, index) => make(index));

describe('a token that api.video cannot have issued', () => {
  test.each([
    ['that is no JWT', 'opaque-token-of-some-length'],
    ['with two parts', toToken({}).split('.').slice(0, 2).join('.')],
    ['with four parts', `${toToken({})}.more`],
    ['without a signature', toToken({}).replace(/[^.]*$/, '')],
    ['whose header is no JSON', `made.${encode({})}.up`],
    ['whose header is no object', toToken({}, [])],
    ['whose payload is no JSON', `${encode({})}.up.up`],
    ['whose payload is no object', toToken('text')],
    ['whose payload is null', toToken(null)],
    ['with characters of plain base64', `${toToken({})}+/`],
    ['of more than 8 KiB', toToken({ projectId: 'x'.repeat(6_200) })],
    ['that expired six minutes ago', toToken({ exp: inSeconds(-360) })],
  ])('%s is refused before the document is parsed, and api.video is not asked', async (_name, token) => {
    await using started = await start();
    const { ask, sandbox } = started;

    const answer = await ask(`Bearer ${token}`, undefined, { query: '{' });

    expect(answer).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
    expect(sandbox.requests).toEqual([]);
  });

  test.each([
    ['that expired four minutes ago, if clocks differ', { exp: inSeconds(-240) }],
    ['without an expiry or a project', {}],
    ['with claims of other types', { exp: 'soon', projectId: 7 }],
  ])('api.video is asked about a token %s', async (_name, claims) => {
    await using started = await start();
    const { ask, sandbox } = started;

    expect(await ask(`Bearer ${toToken(claims)}`)).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
    expect(sandbox.requests).toHaveLength(1);
  });
});

describe('of made-up credentials', () => {
  test.each([
    ['tokens', () => makeUp()],
    ['API keys', () => basic(randomUUID())],
  ])('twenty %s of one address are asked about, however many arrive at once', async (_name, make) => {
    await using started = await start();
    const { ask, sandbox, lines } = started;

    const answers = await Promise.all(times(120, () => ask(make())));

    expect([count(answers, 401), count(answers, 503)]).toEqual([PER_ADDRESS, 100]);
    expect(sandbox.requests).toHaveLength(PER_ADDRESS);
    for (const { code, retryAfter } of answers.filter(({ status }) => status === 503)) {
      expect(code).toBe('OVERLOADED');
      expect(retryAfter).toBeGreaterThan(30);
      expect(retryAfter).toBeLessThanOrEqual(60);
    }
    expect(lines.map(({ msg }) => msg)).toEqual([
      'api.video refused too many credentials from or for "203.0.113.1", so the gateway refuses new ones for up to a minute at a time',
    ]);
  });

  test('those of another address are asked about all the same', async () => {
    await using started = await start();
    const { ask, sandbox, issue } = started;
    await Promise.all(times(30, () => ask(makeUp())));

    expect(await ask(makeUp(), '203.0.113.2')).toMatchObject({ status: 401 });
    expect(await ask(await issue(), '203.0.113.2')).toMatchObject({ status: 200 });
    expect(sandbox.requests.filter(({ status }) => status === 401)).toHaveLength(PER_ADDRESS + 1);
  });

  test('addresses with the same first half of an IPv6 address count as one', async () => {
    await using started = await start();
    const { ask, sandbox } = started;

    for (const [index, address] of times(30, (each) => `2001:db8:0:7::${each + 1}`).entries())
      await ask(makeUp(), index % 2 === 0 ? address : address.replace(':0:7::', ':0:7:a:b:c:'));
    expect(sandbox.requests).toHaveLength(PER_ADDRESS);

    await ask(makeUp(), '2001:db8:0:8::1');
    expect(sandbox.requests).toHaveLength(PER_ADDRESS + 1);
  });

  test('a hundred that claim one project are asked about, from whatever addresses', async () => {
    await using started = await start();
    const { ask, sandbox } = started;

    const answers = await Promise.all(
      times(200, (index) => ask(makeUp('prSandbox'), `203.0.113.${index % 20}`)),
    );

    expect([count(answers, 401), count(answers, 503)]).toEqual([PER_PROJECT, 100]);
    expect(sandbox.requests).toHaveLength(PER_PROJECT);
  });
});

describe('callers', () => {
  test('whose credentials were accepted are not kept out, from the same address', async () => {
    await using started = await start();
    const { ask, issue, sandbox } = started;
    const [token, key] = [await issue(), basic('sandbox-key')];
    await Promise.all([ask(token), ask(key)]);
    await Promise.all(times(40, () => ask(makeUp('prSandbox'))));
    sandbox.clearRequests();

    expect(await Promise.all([ask(token), ask(key)])).toMatchObject([{ status: 200 }, { status: 200 }]);
    expect(sandbox.requests).toEqual([]);
  });

  test('of a project get in with their next token, though strangers claim the project', async () => {
    await using started = await start();
    const { ask, issue } = started;
    await ask(await issue(), '198.51.100.1');
    await Promise.all(times(120, (index) => ask(makeUp('prSandbox'), `203.0.113.${index % 20}`)));

    expect(await ask(await issue(), '198.51.100.1')).toMatchObject({ status: 200 });
    expect(await ask(await issue(), '198.51.100.2')).toMatchObject({ status: 503, code: 'OVERLOADED' });
  });

  test('with sixty new tokens at once, from one address, are all accepted', async () => {
    await using started = await start();
    const { ask, issue } = started;
    const tokens = await Promise.all(times(60, issue));

    const answers = await Promise.all(tokens.map((token) => ask(token)));

    expect(count(answers, 200)).toBe(60);
  });

  test('are remembered, though a thousand strangers come from everywhere', async () => {
    await using started = await start();
    const { ask, issue, sandbox } = started;
    const token = await issue();
    await ask(token);
    for (let network = 0; network < 10; network += 1)
      await Promise.all(times(120, (index) => ask(makeUp(), `203.0.${network}.${index}`)));
    sandbox.clearRequests();

    expect(await ask(token)).toMatchObject({ status: 200 });
    expect(sandbox.requests).toEqual([]);
  });

  test('are not kept out because api.video fails', async () => {
    await using started = await start();
    const { ask, issue, sandbox } = started;
    const token = await issue();
    sandbox.setFault(() => ({ kind: 'answer', acts: false, status: 500 }));
    await Promise.all(times(30, () => ask(makeUp())));
    sandbox.setFault(() => undefined);

    expect(await ask(token)).toMatchObject({ status: 200 });
  });
});
