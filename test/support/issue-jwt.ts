// A gateway under AUTH=jwt, and tokens for it as an identity provider would sign them.
import { type JWTHeaderParameters, SignJWT } from 'jose';
import type { Logger } from 'pino';
import { createRemovedVideos, createVideos } from './create-videos.ts';
import { startTestGateway } from './test-gateway.ts';

export const SECRET = 'a-secret-of-32-characters-or-more';
export const ISSUER = 'https://id.example.com';
/** The settings of AUTH=jwt, except for the keys. */
export const JWT = {
  AUTH: 'jwt',
  JWT_ISSUER: ISSUER,
  JWT_AUDIENCE: 'videos',
  VIDEO_RESTORE: 'on',
  APIVIDEO_DIALECT: 'removed',
};

export const key = (secret: string) => new TextEncoder().encode(secret);

/** A valid token, still to be signed. */
export const createToken = (
  claims: Record<string, unknown> = {},
  header: JWTHeaderParameters = { alg: 'HS256' },
) =>
  new SignJWT(claims)
    .setProtectedHeader(header)
    .setIssuer(ISSUER)
    .setAudience('videos')
    .setSubject('ann')
    .setExpirationTime('5m');

const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** A token with exactly these claims and this header, also those that jose would not make. */
export async function signClaims(
  claims: string | object,
  secret = SECRET,
  header: object = { alg: 'HS256' },
) {
  const hmac = await crypto.subtle.importKey('raw', key(secret), { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
  ]);
  const signed = `${encode(header)}.${encode(claims)}`;
  const signature = await crypto.subtle.sign('HMAC', hmac, Buffer.from(signed));
  return `${signed}.${Buffer.from(signature).toString('base64url')}`;
}

/** A gateway in front of two live videos and a removed one. */
export async function startJwtGateway(env: Record<string, string> = { JWT_SECRET: SECRET }, logger?: Logger) {
  const live = createVideos(2);
  const removed = createRemovedVideos(1);
  const started = await startTestGateway({
    dialect: 'removed',
    videos: [...live.videos, ...removed.videos],
    env: { ...JWT, ...env },
    ...(logger && { logger }),
  });
  const ask = (token: string | undefined, query: string, variables: unknown = {}) =>
    started.post(
      { query, variables },
      {
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
      },
    );
  const askWith = async (scope: string, query: string, variables?: unknown) =>
    ask(await createToken({ scope }).sign(key(SECRET)), query, variables);
  return { ...started, ids: live.ids, removedIds: removed.ids, ask, askWith };
}
