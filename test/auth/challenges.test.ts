// The WWW-Authenticate header of a refusal, as RFC 6750 has it: clients get a new token when it names invalid_token. It is
// never a Basic challenge, because browsers would then ask their users for a password.
import { describe, expect, test } from 'vitest';
import { createToken, JWT, key, SECRET } from '../support/issue-jwt.ts';
import { startTestGateway } from '../support/test-gateway.ts';

/** A JWT that api.video has not made. */
const MADE_UP = [{ alg: 'HS256' }, { projectId: 'somebody' }, 'signature']
  .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
  .join('.');
const REALM = 'Bearer realm="apivideo-graphql"';
const PASSTHROUGH = { AUTH: 'passthrough', APIVIDEO_API_KEY: '' };
const basic = (apiKey: string) => `Basic ${Buffer.from(`${apiKey}:`).toString('base64')}`;

async function challenge(env: Record<string, string>, authorization: string | undefined, query: string) {
  await using started = await startTestGateway({ env });
  const response = await started.gateway.fetch('http://127.0.0.1/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(authorization !== undefined && { authorization }) },
    body: JSON.stringify({ query }),
  });
  const { errors } = Object(await response.json());
  return { status: response.status, header: response.headers.get('www-authenticate'), errors };
}

describe('with AUTH=jwt', () => {
  const env = { ...JWT, JWT_SECRET: SECRET };

  test.each<[string, string | undefined]>([
    ['no credentials', undefined],
    ['an empty header', ''],
    ['another scheme', basic('key')],
    ['a scheme that only begins like it', 'Bearerx abc'],
  ])('%s: the scheme alone', async (_name, authorization) => {
    expect(await challenge(env, authorization, '{ __typename }')).toMatchObject({
      status: 401,
      header: REALM,
    });
  });

  test.each<[string, RegExp, () => Promise<string> | string]>([
    ['a token that is none', /^Expected a JWT/, () => 'Bearer abc'],
    ['a token with odd characters', /^Expected a JWT/, () => 'Bearer "a\\b"'],
    ['two tokens', /^Expected a JWT/, () => 'Bearer a b'],
    ['no token after the scheme', /^Expected a JWT/, () => 'bearer'],
    ['a wrong token', /^Expected a JWT/, async () => bearer(createToken(), 'b'.repeat(40))],
    ['an expired token', /^The token has expired/, async () => bearer(createToken().setExpirationTime(1))],
  ])('%s: invalid_token, with the message', async (_name, message, create) => {
    const { status, header, errors } = await challenge(env, await create(), '{ __typename }');
    expect(status).toBe(401);
    expect(errors).toEqual([
      { message: expect.stringMatching(message), extensions: { code: 'UNAUTHENTICATED' } },
    ]);
    expect(header).toBe(`${REALM}, error="invalid_token", error_description="${errors[0].message}"`);
    // The characters that RFC 6750 allows in a description.
    expect(errors[0].message).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/);
  });
});

describe('with AUTH=passthrough', () => {
  test.each<[string, string | undefined]>([
    ['no credentials', undefined],
    ['an empty header', ''],
    ['another scheme', 'Digest x'],
    ['a scheme that only begins like one', 'Basics !!!'],
    ['another scheme with many characters', `Digest ${'x'.repeat(9_000)}`],
  ])('%s: the scheme alone', async (_name, authorization) => {
    const answer = await challenge(PASSTHROUGH, authorization, '{ __typename }');
    expect(answer).toMatchObject({ status: 401, header: REALM });
  });

  test.each([
    ['an empty key', basic('')],
    ['what is no Base64', 'Basic !!!'],
    ['a password', `Basic ${Buffer.from('key:password').toString('base64')}`],
    ['nothing after the scheme', 'basic'],
    ['a token with odd characters', 'Bearer "a\\b"'],
    ['a token of too many characters', `Bearer ${'x'.repeat(8_192)}`],
  ])('%s: invalid_token, with the message', async (_name, authorization) => {
    const { status, header, errors } = await challenge(PASSTHROUGH, authorization, '{ __typename }');
    expect(status).toBe(401);
    expect(header).toBe(`${REALM}, error="invalid_token", error_description="${errors[0].message}"`);
    expect(errors[0].message).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/);
  });

  test('what cannot be a token of api.video: invalid_token', async () => {
    const answer = await challenge(PASSTHROUGH, 'Bearer made-up', '{ videos { totalCount } }');
    expect(answer).toMatchObject({
      status: 401,
      header: `${REALM}, error="invalid_token", error_description="Expected an access token of api.video, which is a JWT, and got something else."`,
    });
  });

  test.each([
    ['a token', `Bearer ${MADE_UP}`],
    ['a key', basic('wrong-key')],
  ])('%s that api.video refuses: invalid_token', async (_name, authorization) => {
    const answer = await challenge(PASSTHROUGH, authorization, '{ videos { totalCount } }');
    expect(answer).toMatchObject({
      status: 401,
      header: `${REALM}, error="invalid_token", error_description="api.video refused these credentials."`,
      errors: [{ message: 'api.video refused these credentials.' }],
    });
  });
});

const bearer = async (token: ReturnType<typeof createToken>, secret = SECRET) =>
  `Bearer ${await token.sign(key(secret))}`;
