// Who is let in: keys, access tokens and refresh tokens.
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { Sandbox, SandboxOptions } from '../../src/sandbox/server.ts';
import { startSandbox } from '../support/sandbox.ts';
import { basic, createClient, type Reply, readType } from './client.ts';

const tokens = z.object({ access_token: z.string(), refresh_token: z.string() });

async function start(options: SandboxOptions = {}) {
  const sandbox = await startSandbox(options);
  const call = createClient(sandbox);
  const first = tokens.parse((await call('POST', '/auth/api-key', { apiKey: 'sandbox-key' })).json);
  return { sandbox, call, first, [Symbol.asyncDispose]: () => sandbox.close() };
}

function list(sandbox: Sandbox, authorization: string): Promise<Reply> {
  return createClient(sandbox, authorization)('GET', '/videos');
}

describe('credentials', () => {
  it('lets in a bearer token whose payload names the project and its times', async () => {
    await using started = await start({ projectId: 'prDemo', tokenLifetimeSeconds: 600 });
    const { sandbox, first } = started;
    expect(await list(sandbox, `Bearer ${first.access_token}`)).toMatchObject({ status: 200 });
    const [, payload = ''] = first.access_token.split('.');
    const claims = z
      .object({ projectId: z.literal('prDemo'), iat: z.int(), exp: z.int(), jti: z.string() })
      .parse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
    expect(claims.exp - claims.iat).toBe(600);
    expect(sandbox.requests.map((request) => [request.kind, request.projectId])).toEqual([
      ['auth', 'prDemo'],
      ['read', 'prDemo'],
    ]);
  });

  it.each([
    ['', 'authentication-missing-authorization-header'],
    ['Bearer not.a.token', 'authentication-invalid-access-token'],
    [basic('another-key'), 'authentication-invalid-access-token'],
    [
      `Basic ${Buffer.from('sandbox-key:password').toString('base64')}`,
      'authentication-invalid-access-token',
    ],
    ['sandbox-key', 'authentication-invalid-access-token'],
  ])('answers 401 to Authorization: %s', async (authorization, type) => {
    await using sandbox = await startSandbox();
    const headers = authorization === '' ? {} : { authorization };
    const response = await fetch(`${sandbox.url}/videos`, { headers });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ type: expect.stringContaining(type), status: 401 });
    expect(response.headers.has('X-RateLimit-Limit')).toBe(false);
  });

  it('answers 401 to a token whose claims were changed', async () => {
    await using started = await start();
    const { sandbox, first } = started;
    const [head = '', , signature = ''] = first.access_token.split('.');
    const claims = Buffer.from(JSON.stringify({ projectId: 'prSandbox', exp: 9_999_999_999 })).toString(
      'base64url',
    );
    expect(await list(sandbox, `Bearer ${head}.${claims}.${signature}`)).toMatchObject({ status: 401 });
  });

  it('refuses a wrong key and a wrong body with the same 400', async () => {
    await using started = await start();
    const { call } = started;
    for (const body of [{ apiKey: 'wrong' }, {}, { apiKey: 7 }, undefined]) {
      const reply = await call('POST', '/auth/api-key', body);
      expect([reply.status, readType(reply)]).toEqual([400, 'authentication-invalid-user-credentials']);
    }
  });

  it('renews by a refresh token, which works once', async () => {
    await using started = await start();
    const { sandbox, call, first } = started;
    const renewed = await call('POST', '/auth/refresh', { refreshToken: first.refresh_token });
    expect(await list(sandbox, `Bearer ${tokens.parse(renewed.json).access_token}`)).toMatchObject({
      status: 200,
    });
    const again = await call('POST', '/auth/refresh', { refreshToken: first.refresh_token });
    expect([again.status, readType(again)]).toEqual([400, 'authentication-invalid-user-credentials']);
  });

  it('lets a token expire by the clock', async () => {
    let now = Date.now();
    await using started = await start({ tokenLifetimeSeconds: 60, now: () => now });
    const { sandbox, first } = started;
    now += 59_999;
    expect(await list(sandbox, `Bearer ${first.access_token}`)).toMatchObject({ status: 200 });
    now += 1;
    expect(await list(sandbox, `Bearer ${first.access_token}`)).toMatchObject({ status: 401 });
  });

  it('revokes the tokens handed out so far, and still takes the key', async () => {
    await using started = await start();
    const { sandbox, call, first } = started;
    sandbox.revokeTokens();
    expect(await list(sandbox, `Bearer ${first.access_token}`)).toMatchObject({ status: 401 });
    const next = tokens.parse((await call('POST', '/auth/api-key', { apiKey: 'sandbox-key' })).json);
    expect(await list(sandbox, `Bearer ${next.access_token}`)).toMatchObject({ status: 200 });
  });

  it('revokes the key with everything that came from it', async () => {
    await using started = await start();
    const { sandbox, call, first } = started;
    sandbox.revokeKey();
    expect(await list(sandbox, `Bearer ${first.access_token}`)).toMatchObject({ status: 401 });
    expect(await list(sandbox, basic('sandbox-key'))).toMatchObject({ status: 401 });
    expect(await call('POST', '/auth/api-key', { apiKey: 'sandbox-key' })).toMatchObject({ status: 400 });
    expect(await call('POST', '/auth/refresh', { refreshToken: first.refresh_token })).toMatchObject({
      status: 400,
    });
  });
});
