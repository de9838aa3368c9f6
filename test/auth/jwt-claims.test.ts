// What a validly signed token may claim: each is refused with 401, or gives no more than it says, and the log stays readable.
import { describe, expect, test } from 'vitest';
import { captureLog } from '../support/capture-log.ts';
import { ISSUER, key, SECRET, startJwtGateway } from '../support/issue-jwt.ts';

const ASK = '{ viewer { canRead canDelete canRestore } }';
const NOW = Math.floor(Date.now() / 1000);
const CLAIMS = { iss: ISSUER, aud: 'videos', sub: 'eve', exp: NOW + 3600, scope: 'videos:delete' };

const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** A token whose claims jose would not make. */
async function signClaims(claims: string | object, secret = SECRET) {
  const hmac = await crypto.subtle.importKey('raw', key(secret), { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
  ]);
  const signed = `${encode({ alg: 'HS256' })}.${encode(claims)}`;
  const signature = await crypto.subtle.sign('HMAC', hmac, Buffer.from(signed));
  return `${signed}.${Buffer.from(signature).toString('base64url')}`;
}

describe('claims', () => {
  test.each<[number, string, string | object]>([
    [401, 'exp as text', { ...CLAIMS, exp: `${NOW + 3600}` }],
    [401, 'exp null', { ...CLAIMS, exp: null }],
    [401, 'exp in a list', { ...CLAIMS, exp: [NOW + 3600] }],
    [401, 'exp below zero', { ...CLAIMS, exp: -1 }],
    [200, 'exp with a fraction', { ...CLAIMS, exp: NOW + 3600.5 }],
    [200, 'exp that is huge', JSON.stringify(CLAIMS).replace(/"exp":\d+/, '"exp":1e300')],
    [401, 'nbf as text', { ...CLAIMS, nbf: `${NOW}` }],
    [401, 'nbf tomorrow', { ...CLAIMS, nbf: NOW + 86_400 }],
    [401, 'iat as text', { ...CLAIMS, iat: 'now' }],
    [200, 'aud in a list', { ...CLAIMS, aud: ['billing', 'videos'] }],
    [401, 'aud in no list', { ...CLAIMS, aud: ['billing'] }],
    [401, 'aud in a list in a list', { ...CLAIMS, aud: [['videos']] }],
    [401, 'aud as an object', { ...CLAIMS, aud: { videos: true } }],
    [401, 'aud with other letters', { ...CLAIMS, aud: 'Videos' }],
    [401, 'aud that begins with it', { ...CLAIMS, aud: 'videos2' }],
    [401, 'iss in a list', { ...CLAIMS, iss: [ISSUER] }],
    [401, 'iss with a slash', { ...CLAIMS, iss: `${ISSUER}/` }],
    [401, 'iss null', { ...CLAIMS, iss: null }],
    [401, 'claims that are a list', [CLAIMS]],
    [401, 'claims that are text', '"text"'],
    [401, 'claims that are no JSON', '{"iss":'],
  ])('%i: %s', async (status, _name, claims) => {
    const { logger, lines } = captureLog('warn');
    await using started = await startJwtGateway({ JWT_SECRET: SECRET }, logger);
    expect((await started.ask(await signClaims(claims), ASK)).status).toBe(status);
    expect(lines).toEqual([]);
  });

  test.each<[string, unknown]>([
    ['in a list in a list', [['videos:delete']]],
    ['as keys of an object', { 'videos:delete': true }],
    ['with other blanks between', 'videos:read\tvideos:delete\nvideos:restore'],
    ['in capitals', 'VIDEOS:DELETE'],
    ['with a wildcard', 'videos:* *'],
    ['separated by commas', 'videos:read,videos:delete'],
    ['with a prefix', 'admin/videos:delete'],
    ['null', null],
    ['true', true],
    ['of 100,000 characters', 'x '.repeat(50_000)],
  ])('scopes %s give nothing', async (_name, scope) => {
    await using started = await startJwtGateway();
    const token = await signClaims({ ...CLAIMS, scope, scp: scope });
    const { data, errors } = await started.ask(token, ASK);
    expect({ data, errors }).toEqual({
      data: { viewer: { canRead: false, canDelete: false, canRestore: false } },
      errors: [],
    });
  });

  test.each<[string, unknown, RegExp]>([
    ['missing', undefined, /^token without a subject$/],
    ['empty', '', /^token without a subject$/],
    ['a number', 7, /^token without a subject$/],
    ['an object', { audit: true }, /^token without a subject$/],
    ['plain', 'auth0|5f7c8ec7c33c6c004bbafe82', /^auth0\|5f7c8ec7c33c6c004bbafe82$/],
    ['of another alphabet', 'Zoë 李雷', /^Zoë 李雷$/],
    ['long', 'x'.repeat(5_000), /^x{200} \(sha256 [0-9a-f]{16}\)$/],
    ['with a line end', 'ann\n{"audit":true}', /^ann\?\{"audit":true\} \(sha256 [0-9a-f]{16}\)$/],
    ['with a terminal’s codes', 'ann\u001b[2J\u202e\ud800', /^ann\?\[2J\?\? \(sha256 [0-9a-f]{16}\)$/],
  ])('the log names a caller whose subject is %s', async (_name, sub, expected) => {
    const { logger, lines } = captureLog('info');
    await using started = await startJwtGateway({ JWT_SECRET: SECRET }, logger);
    await started.ask(await signClaims({ ...CLAIMS, sub }), ASK);
    expect(lines.map(({ caller }) => caller)).toEqual([expect.stringMatching(expected)]);
  });
});

describe('why a token is refused', () => {
  const refusals = (lines: readonly { msg: string; reason?: unknown; got?: unknown; level: number }[]) =>
    lines
      .filter(({ msg }) => msg.startsWith('A token was refused'))
      .map(({ reason, got, level }) => [level, reason, got]);

  test.each<[string, object, string | undefined]>([
    ['it has expired', { exp: NOW - 60 }, undefined],
    ['"nbf" claim timestamp check failed', { nbf: NOW + 3600 }, undefined],
    ['unexpected "iss" claim value', { iss: `${ISSUER}/` }, `"${ISSUER}/"`],
    ['unexpected "aud" claim value', { aud: ['a', 'b'] }, '["a","b"]'],
    ['missing required "aud" claim', { aud: undefined }, undefined],
  ])('the log has the reason: %s', async (reason, claims, got) => {
    const { logger, lines } = captureLog('info');
    await using started = await startJwtGateway({ JWT_SECRET: SECRET }, logger);
    const token = await signClaims({ ...CLAIMS, ...claims });
    await started.ask(token, ASK);
    expect(refusals(lines)).toEqual([[30, reason, got]]);
  });

  test('many wrong tokens take one line for each reason, and none quotes what strangers wrote', async () => {
    const { logger, lines, text } = captureLog('info');
    await using started = await startJwtGateway({ JWT_SECRET: SECRET }, logger);
    for (let index = 0; index < 50; index += 1) {
      const extension = `stranger${index}`;
      const crit = { alg: 'HS256', crit: [extension], [extension]: 1 };
      for (const token of [
        `stranger${index}`,
        await signClaims({ ...CLAIMS, iss: `https://stranger${index}` }, 'b'.repeat(40)),
        `${encode(crit)}.${encode(CLAIMS)}.AAAA`,
        `${encode({ alg: `stranger${index}` })}.${encode(CLAIMS)}.AAAA`,
      ]) {
        expect((await started.ask(token, ASK)).status).toBe(401);
      }
    }
    expect(refusals(lines)).toEqual([
      [30, 'it is no signed JWT', undefined],
      [30, 'its signature is wrong', undefined],
      [30, 'its header requires an unknown extension', undefined],
      [30, 'its alg is not accepted', undefined],
    ]);
    expect(text()).not.toContain('stranger');
  });
});
