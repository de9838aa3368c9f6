// What a validly signed token may claim: each is refused with 401, or gives no more than it says, and the log names the caller.
import { describe, expect, test } from 'vitest';
import { captureLog } from '../support/capture-log.ts';
import { ISSUER, SECRET, signClaims, startJwtGateway } from '../support/issue-jwt.ts';

const ASK = '{ viewer { canRead canDelete canRestore } }';
const NOW = Math.floor(Date.now() / 1000);
const CLAIMS = { iss: ISSUER, aud: 'videos', sub: 'eve', exp: NOW + 3600, scope: 'videos:delete' };

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
