// What the log has of a token that is refused, or that gives no access, while callers learn nothing.
import { UnsecuredJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { captureLog, type LogLine } from '../support/capture-log.ts';
import { createToken, ISSUER, JWT, key, SECRET, signClaims, startJwtGateway } from '../support/issue-jwt.ts';
import { startKeyServer } from '../support/key-server.ts';
import { startListeningGateway } from '../support/listening-gateway.ts';

const ASK = '{ viewer { canRead canDelete canRestore } }';
const NOW = Math.floor(Date.now() / 1000);
const CLAIMS = { iss: ISSUER, aud: 'videos', sub: 'eve', exp: NOW + 3600, scope: 'videos:delete' };
const INVALID =
  'Expected a JWT with an expiry, signed for this gateway, its issuer and its audience, and got an invalid one.';

/** The lines about tokens, without what every line has. */
const readRefusals = (lines: readonly LogLine[]) =>
  lines
    .filter(({ reason }) => reason !== undefined)
    .map(({ level, msg, reason, claim, header, expected, got }) => {
      expect([level, msg]).toEqual([30, expect.stringMatching(/^A token (was refused|gives no access).*: /)]);
      expect(msg).toContain(reason);
      return { reason, claim, header, expected, got };
    });

/** Asks with this token, and returns the answer and the lines. */
async function refuse(token: string, env: Record<string, string> = { JWT_SECRET: SECRET }) {
  const { logger, lines, text } = captureLog('info');
  await using started = await startJwtGateway(env, logger);
  const { status, errors } = await started.ask(token, ASK);
  expect(started.sandbox.requests).toEqual([]);
  expect(text()).not.toContain(token);
  return { status, message: errors[0]?.message, lines: readRefusals(lines) };
}

describe('the log has the claim, what was expected, and what came:', () => {
  const time = expect.stringMatching(/^a time (after|before) 20\d\d-\d\d-\d\dT[\d:.]+Z$/);
  const seconds = 'seconds since 1970, as a number';
  const toIso = (value: number) => new Date(value * 1000).toISOString();
  test.each<
    [string, object, { reason: string; claim: string; expected?: unknown; got?: string | undefined }]
  >([
    [
      'another issuer',
      { iss: `${ISSUER}/` },
      { reason: 'its iss is not JWT_ISSUER', claim: 'iss', expected: ISSUER, got: `"${ISSUER}/"` },
    ],
    ['no issuer', { iss: undefined }, { reason: 'it has no iss', claim: 'iss', expected: ISSUER }],
    [
      'an issuer that is a list',
      { iss: [ISSUER] },
      { reason: 'its iss is not JWT_ISSUER', claim: 'iss', expected: ISSUER, got: `["${ISSUER}"]` },
    ],
    [
      'other audiences',
      { aud: ['a', 'b'] },
      { reason: 'its aud is none of JWT_AUDIENCE', claim: 'aud', expected: 'videos', got: '["a","b"]' },
    ],
    ['no audience', { aud: undefined }, { reason: 'it has no aud', claim: 'aud', expected: 'videos' }],
    [
      'an audience that is long and confuses terminals',
      { aud: `\u202e\u001b[2J${'x'.repeat(5_000)}` },
      {
        reason: 'its aud is none of JWT_AUDIENCE',
        claim: 'aud',
        expected: 'videos',
        got: `"?\\u001b[2J${'x'.repeat(189)}`,
      },
    ],
    [
      'not valid yet',
      { nbf: NOW + 3600 },
      { reason: 'it is not valid yet', claim: 'nbf', expected: time, got: toIso(NOW + 3600) },
    ],
    [
      'not valid before the end of all time',
      { nbf: 1e300 },
      { reason: 'it is not valid yet', claim: 'nbf', expected: time, got: '1e+300' },
    ],
    [
      'an expiry as text',
      { exp: `${NOW}` },
      { reason: 'its exp is not a number', claim: 'exp', expected: seconds, got: `"${NOW}"` },
    ],
    ['no expiry', { exp: undefined }, { reason: 'it has no exp', claim: 'exp' }],
    [
      'an ID token of Cognito',
      { token_use: 'id' },
      { reason: 'its token_use is not access', claim: 'token_use', expected: 'access', got: '"id"' },
    ],
  ])('%s', async (_name, claims, expected) => {
    const { status, message, lines } = await refuse(await signClaims({ ...CLAIMS, ...claims }));
    expect([status, message]).toEqual([401, INVALID]);
    expect(lines).toEqual([{ header: undefined, expected: undefined, got: undefined, ...expected }]);
  });

  test('an expiry that is over, which the caller learns too', async () => {
    const { message, lines } = await refuse(await signClaims({ ...CLAIMS, exp: NOW - 60 }));
    expect(message).toBe('The token has expired. Get a new one.');
    expect(lines).toMatchObject([
      { reason: 'it has expired', claim: 'exp', expected: time, got: toIso(NOW - 60) },
    ]);
  });
});

describe('of a token that no trusted key has signed, the log has the kind of fault, and no claim:', () => {
  type Keys = Awaited<ReturnType<typeof startKeyServer>>;
  const stranger = { iss: 'https://stranger.example', aud: 'stranger', sub: 'stranger' };
  const unknown = async (keys: Keys, kid: unknown) => {
    await keys.add('two', { isPublished: false });
    return keys.sign('two', { kid }, stranger);
  };
  const noKey = 'no key of JWT_JWKS_URL fits its kid and alg';

  test.each<[string, (keys: Keys) => Promise<string>, object]>([
    [
      'an unknown kid',
      (keys) => unknown(keys, 'Xz0-k_2='),
      { reason: noKey, header: 'kid', got: 'Xz0-k_2=' },
    ],
    ['a kid with more than a kid', (keys) => unknown(keys, 'a stranger'), { reason: noKey, got: undefined }],
    ['a long kid', (keys) => unknown(keys, 'k'.repeat(65)), { reason: noKey, got: undefined }],
    [
      'another key with a known kid',
      (keys) => unknown(keys, 'one'),
      { reason: 'its signature is wrong', header: 'kid', got: 'one' },
    ],
    [
      'a shared secret',
      async () => createToken(stranger, { alg: 'HS256', kid: 'one' }).sign(key(SECRET)),
      {
        reason: 'its alg is not accepted',
        header: 'alg',
        got: 'HS256',
        expected: expect.stringMatching(/^RS256, .*Ed25519$/),
      },
    ],
    [
      'an algorithm of a stranger',
      async () => signClaims(stranger, SECRET, { alg: 'stranger', kid: 'one' }),
      { reason: 'its alg is not accepted', header: 'alg', got: undefined },
    ],
    [
      'no signature',
      async () => new UnsecuredJWT(stranger).encode(),
      { reason: 'its alg is not accepted', header: 'alg', got: 'none' },
    ],
    ['no JWT', async () => 'stranger', { reason: 'it is not a signed JWT' }],
    [
      'two words',
      async () => 'stranger stranger',
      { reason: 'the Authorization header is not Bearer, a blank and a token' },
    ],
  ])('%s', async (_name, create, expected) => {
    await using keys = await startKeyServer();
    const { status, message, lines } = await refuse(await create(keys), { JWT_JWKS_URL: keys.url });
    expect([status, message]).toEqual([401, INVALID]);
    expect(lines).toMatchObject([expected]);
    expect(lines[0]?.claim).toBeUndefined();
    expect(JSON.stringify(lines)).not.toContain('stranger');
  });

  test('a token that another secret has signed', async () => {
    const { lines } = await refuse(await signClaims({ ...CLAIMS, ...stranger }, 'b'.repeat(40)));
    expect(lines).toMatchObject([
      { reason: 'its signature is wrong', expected: 'a signature with JWT_SECRET' },
    ]);
  });
});

describe('a valid token without a scope of the gateway is answered, and the log says why it gives nothing:', () => {
  const expected = 'videos:read, videos:delete, videos:restore';
  const none = 'it has no claim with scopes';
  const empty = 'it lists no scopes';
  const others = 'its scopes belong to other APIs';
  test.each<[object, object]>([
    [{ scope: undefined }, { reason: none, claim: 'scope, scp', expected, got: undefined }],
    [{ scope: 'openid' }, { reason: others, claim: 'scope', expected, got: '"openid"' }],
    [
      { scope: '', scp: ['videos:read'] },
      { reason: empty, claim: 'scope', expected, got: '""' },
    ],
    [
      { scope: undefined, scp: [] },
      { reason: empty, claim: 'scp', expected, got: '[]' },
    ],
    [
      { scope: undefined, scp: ['a/videos:read'] },
      { reason: others, claim: 'scp', got: '["a/videos:read"]' },
    ],
  ])('%j', async (claims, line) => {
    const { status, lines } = await refuse(await signClaims({ ...CLAIMS, ...claims }));
    expect(status).toBe(200);
    expect(lines).toMatchObject([line]);
  });
});

test('the line has the id, the trace and the client of the request', async () => {
  const { logger, lines } = captureLog('info');
  await using started = await startListeningGateway({ env: { ...JWT, JWT_SECRET: SECRET }, logger });
  const traceId = '0af7651916cd43dd8448eb211c80319c';

  await started.send({
    path: '/graphql?query={__typename}',
    headers: {
      authorization: 'Bearer wrong',
      'x-request-id': 'abc-1',
      traceparent: `00-${traceId}-b7ad6b7169203331-01`,
    },
  });

  expect(lines.filter(({ reason }) => reason !== undefined)).toMatchObject([
    { reason: 'it is not a signed JWT', requestId: 'abc-1', traceId, address: '127.0.0.1' },
  ]);
});

test('many wrong tokens take one line for each reason, and none quotes what strangers wrote', async () => {
  const { logger, lines, text } = captureLog('info');
  await using started = await startJwtGateway({ JWT_SECRET: SECRET }, logger);
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  for (let index = 0; index < 50; index += 1) {
    const extension = `stranger${index}`;
    const crit = { alg: 'HS256', crit: [extension], [extension]: 1 };
    for (const token of [
      `stranger${index}`,
      `stranger${index} stranger`,
      await signClaims({ ...CLAIMS, iss: `https://stranger${index}` }, 'b'.repeat(40)),
      `${encode(crit)}.${encode(CLAIMS)}.AAAA`,
      `${encode({ alg: `stranger${index}` })}.${encode(CLAIMS)}.AAAA`,
    ]) {
      expect((await started.ask(token, ASK)).status).toBe(401);
    }
  }
  expect(readRefusals(lines).map(({ reason }) => reason)).toEqual([
    'it is not a signed JWT',
    'the Authorization header is not Bearer, a blank and a token',
    'its signature is wrong',
    'its header requires an unknown extension',
    'its alg is not accepted',
  ]);
  expect(text()).not.toContain('stranger');
});

test('many tokens of a provider that is set up wrongly take one line, whatever they claim', async () => {
  const { logger, lines } = captureLog('info');
  await using started = await startJwtGateway({ JWT_SECRET: SECRET }, logger);
  for (let index = 0; index < 50; index += 1)
    await started.ask(await signClaims({ ...CLAIMS, aud: `billing${index}` }), ASK);
  expect(readRefusals(lines)).toMatchObject([{ got: '"billing0"' }]);
});
