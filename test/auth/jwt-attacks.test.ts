// What strangers try with the header and the signature of a token, and what a key server may publish beside its keys.
import { createServer } from 'node:http';
import { exportJWK, generateKeyPair, generateSecret, type JWTHeaderParameters, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { captureLog } from '../support/capture-log.ts';
import { createToken, ISSUER, key, startJwtGateway } from '../support/issue-jwt.ts';
import { startKeyServer } from '../support/key-server.ts';
import { listen } from '../support/listen.ts';

const ASK = '{ viewer { canRead canDelete canRestore } }';
const NOW = Math.floor(Date.now() / 1000);

const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const CLAIMS = { iss: ISSUER, aud: 'videos', sub: 'eve', exp: NOW + 3600, scope: 'videos:delete' };

describe('with keys from a URL, these are refused, and no error is logged:', () => {
  type Keys = Awaited<ReturnType<typeof startKeyServer>>;
  const header =
    (more: Partial<JWTHeaderParameters>) =>
    async ({ sign }: Keys) =>
      sign('one', more);

  test.each<[string, (keys: Keys) => Promise<string>]>([
    ['alg none', async () => `${encode({ alg: 'none' })}.${encode(CLAIMS)}.`],
    ['alg nOnE', async () => `${encode({ alg: 'nOnE', kid: 'one' })}.${encode(CLAIMS)}.`],
    ['alg of another type', async () => `${encode({ alg: ['ES256'], kid: 'one' })}.${encode(CLAIMS)}.AA`],
    ['no alg', async () => `${encode({ kid: 'one' })}.${encode(CLAIMS)}.AA`],
    ['no header', async () => `.${encode(CLAIMS)}.AA`],
    ['a header that is null', async () => `${encode('null')}.${encode(CLAIMS)}.AA`],
    ['an empty signature', async ({ sign }) => (await sign()).replace(/[^.]*$/, '')],
    ['a signature of another token', async ({ sign }) => mix(await sign(), await sign('one', {}, { a: 1 }))],
    ['a signature of zeros', async ({ sign }) => (await sign()).replace(/[^.]*$/, encode('\0'.repeat(64)))],
    [
      'a secret as RSA’s public key',
      async ({ state }) =>
        createToken({}, { alg: 'HS256', kid: 'one' }).sign(key(JSON.stringify(state.keys[0]))),
    ],
    ['a kid that is a path', header({ kid: '../../../dev/null' })],
    ['a kid that is SQL', header({ kid: "' OR 1=1 --" })],
    ['a kid that is a number', async ({ sign }) => sign('one', { kid: 1 })],
    ['a kid that is an object', async ({ sign }) => sign('one', { kid: { a: 1 } })],
    ['a kid of 8,000 characters', header({ kid: 'k'.repeat(8_000) })],
    ['a kid of the prototype', header({ kid: '__proto__' })],
    ['an extension that must be understood', criticalExtension],
    ['five parts, as an encrypted token', async () => `${encode({ alg: 'dir', enc: 'A256GCM' })}.a.b.c.d`],
    ['a token as JSON', async ({ sign }) => encode({ payload: await sign(), signatures: [] })],
    [
      'a token in a token',
      async ({ sign }) => `${encode({ alg: 'none', cty: 'JWT' })}.${encode(await sign())}.`,
    ],
  ])('%s', async (_name, create) => {
    const { logger, lines } = captureLog('warn');
    await using keys = await startKeyServer();
    await using started = await startJwtGateway({ JWT_JWKS_URL: keys.url }, logger);
    const { status, errors } = await started.ask(await create(keys), ASK);
    expect([status, errors.map(({ extensions }) => extensions)]).toEqual([
      401,
      [{ code: 'UNAUTHENTICATED' }],
    ]);
    expect(lines).toEqual([]);
    expect(started.sandbox.requests).toEqual([]);
  });

  test('a key that the token brings or points to', async () => {
    const fetched: string[] = [];
    const server = createServer((request, response) => {
      fetched.push(request.url ?? '');
      response.end();
    });
    await using elsewhere = await listen(server);
    await using keys = await startKeyServer();
    await using started = await startJwtGateway({ JWT_JWKS_URL: keys.url });
    const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
    const jwk = await exportJWK(publicKey);
    const url = `http://127.0.0.1:${elsewhere.port}/keys`;
    for (const more of [{ jku: url }, { x5u: url }, { jwk }, { x5c: ['MIIB'] }, { jku: keys.url, jwk }]) {
      for (const kid of ['one', 'mine']) {
        const token = await createToken({}, { alg: 'ES256', kid, ...more }).sign(privateKey);
        expect((await started.ask(token, ASK)).status).toBe(401);
      }
    }
    expect(fetched).toEqual([]);
  });
});

describe('the key server’s own keys:', () => {
  async function answer(
    change: (keys: Awaited<ReturnType<typeof startKeyServer>>) => Promise<string>,
    alg = 'ES256',
  ) {
    await using keys = await startKeyServer(alg);
    const token = await change(keys);
    await using started = await startJwtGateway({ JWT_JWKS_URL: keys.url });
    return (await started.ask(token, ASK)).status;
  }

  test.each([
    ['to encrypt', { use: 'enc' }],
    ['for another algorithm', { alg: 'ES384' }],
    ['that may only sign', { key_ops: ['sign'] }],
    ['with a use of another type', { use: 7 }],
    ['with a private part', { d: 'AAAA' }],
  ])('a key %s verifies no token', async (_name, more) => {
    const status = await answer(async ({ add, sign }) => {
      await add('two', more);
      return sign('two');
    });
    expect(status).toBe(401);
  });

  test('a secret among them verifies no token', async () => {
    const secret = await exportJWK(await generateSecret('HS256', { extractable: true }));
    const status = await answer(async ({ state }) => {
      state.keys.push({ ...secret, kid: 'two', alg: 'HS256' });
      return createToken({}, { alg: 'HS256', kid: 'two' }).sign(Buffer.from(secret.k ?? '', 'base64url'));
    });
    expect(status).toBe(401);
  });

  test.each(['RS256', 'PS384', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'])(
    '%s is accepted, with or without its name in the key, beside malformed and other keys',
    async (alg) => {
      for (const more of [{}, { alg: undefined, use: undefined }]) {
        const status = await answer(async ({ state, add, sign }) => {
          await add('two', more);
          state.keys.unshift(null, 'key', {}, { kty: 'RSA', kid: 'bad', n: '!', e: 7, alg: 'RS256' });
          state.keys.push(
            { kty: 'XYZ', kid: 'new' },
            { kty: 'AKP', alg: 'ML-DSA-44', pub: 'AA', kid: 'next' },
          );
          return sign('two');
        }, alg);
        expect(status).toBe(200);
      }
    },
  );

  test('a malformed key, or an RSA key that is too short, is as if it were not there', async () => {
    const { publicKey, privateKey } = await crypto.subtle.generateKey(
      {
        name: 'RSASSA-PKCS1-v1_5',
        hash: 'SHA-256',
        modulusLength: 1024,
        publicExponent: new Uint8Array([1, 0, 1]),
      },
      true,
      ['sign', 'verify'],
    );
    const short = await exportJWK(publicKey);
    for (const bad of [
      { ...short, kid: 'bad' },
      { kty: 'RSA', n: 'AQAB', e: 'AQAB', kid: 'bad', alg: 'RS256' },
    ]) {
      const status = await answer(async ({ state }) => {
        state.keys.push(bad);
        const signed = `${encode({ alg: 'RS256', kid: 'bad' })}.${encode(CLAIMS)}`;
        const signature = await crypto.subtle.sign('RSASSA-PKCS1-v1_5', privateKey, Buffer.from(signed));
        return `${signed}.${Buffer.from(signature).toString('base64url')}`;
      });
      expect(status).toBe(401);
    }
  });

  test('a token that names no key is verified with each that fits, ten at most', async () => {
    const withKeys = (before: number) =>
      answer(async ({ state, add, sign }) => {
        for (let index = 0; index < before; index += 1) await add(`more-${index}`);
        const [first, ...others] = state.keys;
        state.keys = [...others, first];
        return sign('one', { kid: undefined });
      });
    expect(await withKeys(0)).toBe(200);
    expect(await withKeys(1)).toBe(200);
    expect(await withKeys(9)).toBe(200);
    expect(await withKeys(10)).toBe(401);
  });

  test('a token that names no key, and that none of them signed, is refused', async () => {
    const status = await answer(async ({ add, sign }) => {
      await add('two');
      await add('three', { isPublished: false });
      return sign('three', { kid: undefined });
    });
    expect(status).toBe(401);
  });
});

function mix(token: string, other: string): string {
  return [...token.split('.').slice(0, 2), other.split('.')[2]].join('.');
}

async function criticalExtension(): Promise<string> {
  const { privateKey } = await generateKeyPair('ES256');
  return new SignJWT({})
    .setProtectedHeader({ alg: 'ES256', kid: 'one', crit: ['exp'], exp: NOW })
    .setIssuer(ISSUER)
    .sign(privateKey, { crit: { exp: true } });
}
