// The identity providers of docs/authentication.md: the settings and tokens there are those that run here. A token that is
// close to each, but not for this gateway, is refused or gives nothing.
import { AsyncDisposableStack } from '@whatwg-node/disposablestack';
import { afterAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { readExamples } from '../docs/read-documents.ts';
import { startJwtGateway } from '../support/issue-jwt.ts';
import { startKeyServer } from '../support/key-server.ts';

const ASK = '{ viewer { canRead canDelete canRestore } }';
const examples = readExamples();
const allowed = z.object({
  viewer: z.object({ canRead: z.boolean(), canDelete: z.boolean(), canRestore: z.boolean() }),
});

function readExample(name: string): string {
  const { code, document } = examples.get(name) ?? {};
  if (code === undefined || document !== 'docs/authentication.md') throw new Error(`no example ${name}`);
  return code;
}

/** The settings of a provider, with another address of the keys. */
function readSettings(provider: string, jwksUrl: string): Record<string, string> {
  const lines = readExample(`${provider}-settings`).trim().split('\n');
  const settings = Object.fromEntries(lines.map((line) => line.split(/=(.*)/).slice(0, 2)));
  expect(settings.JWT_JWKS_URL).toMatch(/^https:/);
  return { JWT_AUDIENCE: '', ...settings, JWT_JWKS_URL: jwksUrl };
}

/** The example's claims, as they would be if the provider issued the token now. */
function readClaims(name: string): Record<string, unknown> {
  const claims = z.record(z.string(), z.unknown()).parse(JSON.parse(readExample(name)));
  const now = Math.floor(Date.now() / 1000);
  const shift = now - z.number().parse(claims.iat);
  const times = Object.entries(claims).filter(([claim]) => ['iat', 'nbf', 'exp'].includes(claim));
  return { ...claims, ...Object.fromEntries(times.map(([claim, value]) => [claim, Number(value) + shift])) };
}

const stack = new AsyncDisposableStack();
const keyServer = startKeyServer().then((keys) => stack.use(keys));
const gateways = new Map<string, ReturnType<typeof startJwtGateway>>();
afterAll(() => stack.disposeAsync());

/** One gateway for all tokens that need the same settings: they change nothing in it. */
function start(env: Record<string, string>): ReturnType<typeof startJwtGateway> {
  const known = gateways.get(JSON.stringify(env));
  if (known) return known;
  const starting = startJwtGateway(env).then((started) => stack.use(started));
  gateways.set(JSON.stringify(env), starting);
  return starting;
}

type Change = { readonly [claim: string]: unknown };

/** 401, or what the changed token gives: `read delete restore`. */
async function ask(name: string, change: Change = {}, env: Record<string, string> = {}, header: Change = {}) {
  const [provider = ''] = name.split('-');
  const keys = await keyServer;
  const started = await start({ ...readSettings(provider, keys.url), ...env });
  const claims = { ...readClaims(name), ...change };
  const { status, data } = await started.ask(await keys.signClaims(claims, header), ASK);
  if (status !== 200) return status;
  const { viewer } = allowed.parse(data);
  return Object.entries(viewer)
    .flatMap(([name, is]) => (is ? [name.slice(3).toLowerCase()] : []))
    .join(' ');
}

describe('a token of the documents gives what it lists:', () => {
  test.each([
    ['cognito-token', 'read delete'],
    ['auth0-token', 'read delete'],
    ['entra-token', 'read'],
    ['entra-app-token', 'read delete'],
    ['okta-token', 'read delete'],
    ['keycloak-token', 'read delete'],
  ])('%s', async (name, expected) => {
    expect(await ask(name)).toBe(expected);
    expect(await ask(name, {}, {}, { typ: 'JWT' })).toBe(expected);
    expect(await ask(name, {}, {}, { typ: 'at+jwt' })).toBe(expected);
    expect(await ask(name, {}, {}, { typ: 'application/at+JWT' })).toBe(expected);
  });

  test.each([
    'cognito-token',
    'auth0-token',
    'entra-token',
    'entra-app-token',
    'okta-token',
    'keycloak-token',
  ])('%s of another issuer, for another audience, expired, or of another kind is refused', async (name) => {
    const now = Math.floor(Date.now() / 1000);
    expect(await ask(name, { iss: 'https://id.example.org' })).toBe(401);
    expect(await ask(name, { aud: 'https://billing.example' })).toBe(401);
    expect(await ask(name, { aud: ['https://billing.example', 'account'] })).toBe(401);
    expect(await ask(name, { exp: now - 3600 })).toBe(401);
    expect(await ask(name, { nbf: now + 3600 })).toBe(401);
    expect(await ask(name, {}, {}, { typ: 'logout+jwt' })).toBe(401);
    expect(await ask(name, {}, {}, { typ: 7 })).toBe(401);
  });
});

describe('Amazon Cognito', () => {
  const token = 'cognito-token';

  test('a token of another client, of none, or of a list of them is refused', async () => {
    for (const client of ['another', undefined, '', null, ['3n4b5urk1ft4fl3mg5e62d9ado'], 7])
      expect(await ask(token, { client_id: client })).toBe(401);
  });

  test('a token without aud is refused if JWT_AUDIENCE is set, with or without clients', async () => {
    expect(await ask(token, {}, { JWT_AUDIENCE: 'videos' })).toBe(401);
    expect(await ask(token, {}, { JWT_AUDIENCE: 'videos', JWT_CLIENT_IDS: '' })).toBe(401);
  });

  test('a token for a resource needs both, if both are set', async () => {
    const env = { JWT_AUDIENCE: 'https://videos.example' };
    expect(await ask(token, { aud: 'https://videos.example' }, env)).toBe('read delete');
    expect(await ask(token, { aud: 'https://videos.example', client_id: 'another' }, env)).toBe(401);
    expect(await ask(token, { aud: 'https://billing.example' }, env)).toBe(401);
  });

  test('scopes of another resource server, or without one, give nothing', async () => {
    for (const scope of [
      'videos:delete',
      'https://billing.example/videos:delete',
      'https://videos.example/https://videos.example/videos:delete',
      'HTTPS://VIDEOS.EXAMPLE/videos:delete',
      'https://videos.example/',
      'https://videos.example/videos:delete2',
    ])
      expect(await ask(token, { scope })).toBe('');
  });

  test('without the prefix, a scope with one gives nothing', async () => {
    expect(await ask(token, {}, { JWT_SCOPE_PREFIX: '' })).toBe('');
  });

  test('an ID token is refused', async () => {
    const id = { token_use: 'id', aud: '3n4b5urk1ft4fl3mg5e62d9ado' };
    expect(await ask(token, id)).toBe(401);
    expect(await ask(token, { token_use: 'id' })).toBe(401);
    for (const token_use of ['Access', '', null, ['access'], 'refresh']) {
      expect(await ask(token, { token_use })).toBe(401);
    }
  });
});

describe('Auth0', () => {
  const token = 'auth0-token';

  test('permissions count alone, if they are named, whatever the scope says', async () => {
    expect(await ask(token, { scope: 'videos:restore' })).toBe('read delete');
    expect(await ask(token, { scope: 'videos:restore', permissions: [] })).toBe('');
    expect(await ask(token, { scope: 'videos:restore', permissions: undefined })).toBe('');
  });

  test('permissions give nothing by default', async () => {
    expect(await ask(token, {}, { JWT_SCOPE_CLAIMS: '' })).toBe('');
    expect(await ask(token, { scope: 'videos:read' }, { JWT_SCOPE_CLAIMS: '' })).toBe('read');
  });

  test('an access token of RFC 9068 names its client in another claim', async () => {
    const client = { azp: undefined, client_id: 'kQ2fWn6zYxG0bVd7mTj3Rp9sLc4HaE1u' };
    expect(await ask(token, client, {}, { typ: 'at+jwt' })).toBe('read delete');
    expect(await ask(token, client)).toBe('read delete');
  });
});

describe('Microsoft Entra ID', () => {
  test('the roles of a user do not add to the scopes of the app, even if it has none here', async () => {
    expect(await ask('entra-token', { scp: 'User.Read' })).toBe('');
    expect(await ask('entra-token', { scp: '' })).toBe('');
    expect(await ask('entra-token', { scp: null })).toBe('');
  });

  test('an ID token of the same app, which may have roles too, is refused', async () => {
    const id = { azp: undefined, name: 'Ann', preferred_username: 'ann@example.com' };
    expect(await ask('entra-app-token', id)).toBe(401);
    expect(await ask('entra-app-token', { nonce: '678910' })).toBe(401);
    expect(await ask('entra-app-token', { ...id, nonce: '678910' })).toBe(401);
    expect(await ask('entra-app-token', { at_hash: 'aGFzaA' })).toBe(401);
  });

  test('roles give nothing by default', async () => {
    expect(await ask('entra-app-token', {}, { JWT_SCOPE_CLAIMS: '' })).toBe('');
  });

  test('tokens of version 1 name the app in another claim, and another issuer and audience', async () => {
    const iss = 'https://sts.windows.net/72f988bf-0000-4000-8000-2d7cd011db47/';
    const aud = 'api://6e74172b-0000-4000-8000-f0e8a8f1d1c3';
    const old = { azp: undefined, appid: '9f1e7c52-0000-4000-8000-b5d2a7a0c4e8', iss, aud, ver: '1.0' };
    expect(await ask('entra-app-token', old, { JWT_ISSUER: iss, JWT_AUDIENCE: aud })).toBe('read delete');
    expect(await ask('entra-app-token', old)).toBe(401);
  });
});

describe('Okta', () => {
  test('an ID token has no scp, and gives nothing', async () => {
    expect(await ask('okta-token', { scp: undefined, cid: undefined })).toBe('');
    expect(await ask('okta-token', { at_hash: 'aGFzaA' })).toBe(401);
  });

  test('each item of scp is one scope', async () => {
    expect(await ask('okta-token', { scp: ['videos:read videos:delete', ' videos:read', 7, null] })).toBe('');
  });
});

describe('Keycloak', () => {
  const token = 'keycloak-token';

  test.each(['ID', 'Refresh', 'Offline', 'Logout', 'id', '', null, ['Bearer']])(
    'a token of typ %j is refused',
    async (typ) => {
      expect(await ask(token, { typ })).toBe(401);
    },
  );

  test('an access token may be bound to a key, have a nonce as older versions do, or name no type', async () => {
    expect(await ask(token, { typ: 'DPoP' })).toBe('read delete');
    expect(await ask(token, { nonce: 'a' })).toBe('read delete');
    expect(await ask(token, { typ: undefined })).toBe('read delete');
    expect(await ask(token, { typ: undefined, nonce: 'a' })).toBe('read delete');
  });

  test('a token without the audience mapper is refused', async () => {
    expect(await ask(token, { aud: 'account' })).toBe(401);
    expect(await ask(token, { aud: undefined })).toBe(401);
  });

  test('roles give nothing, unless a mapper writes them into a claim that is named', async () => {
    const env = { JWT_SCOPE_CLAIMS: 'roles' };
    expect(await ask(token, { scope: 'openid' })).toBe('');
    expect(await ask(token, {}, { JWT_SCOPE_CLAIMS: 'realm_access' })).toBe('');
    expect(await ask(token, {}, env)).toBe('');
    expect(await ask(token, { roles: ['videos:restore'] }, env)).toBe('restore');
    expect(await ask(token, { roles: ['videos:restore'], typ: undefined, nonce: 'a' }, env)).toBe(401);
  });
});

describe('settings of every provider', () => {
  test('a token for one of several audiences is accepted', async () => {
    const env = { JWT_AUDIENCE: 'videos, https://videos.example' };
    expect(await ask('auth0-token', {}, env)).toBe('read delete');
    expect(await ask('keycloak-token', {}, env)).toBe('read delete');
    expect(await ask('keycloak-token', { aud: 'videos, https://videos.example' }, env)).toBe(401);
  });

  test('a claim may have the name of an address, and none is found on the prototype', async () => {
    const claim = 'https://videos.example/scopes';
    expect(await ask('auth0-token', { [claim]: 'videos:read' }, { JWT_SCOPE_CLAIMS: claim })).toBe('read');
    for (const name of ['__proto__', 'constructor', 'toString'])
      expect(await ask('auth0-token', {}, { JWT_SCOPE_CLAIMS: name })).toBe('');
  });

  test('scope and scp together: only the first that is named counts', async () => {
    const both = { scope: 'videos:read', scp: ['videos:delete'] };
    expect(await ask('okta-token', both)).toBe('read');
    expect(await ask('okta-token', both, { JWT_SCOPE_CLAIMS: 'scp,scope' })).toBe('delete');
  });
});
