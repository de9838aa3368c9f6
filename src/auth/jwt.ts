// AUTH=jwt: the gateway holds the API key of the project, and callers send a token of the deployment's identity provider.

import { GraphQLError } from 'graphql';
import type { JWTPayload } from 'jose';
import type { Logger } from 'pino';
import type { JwtSettings } from '../config/config.ts';
import type { Access, Authenticate, Scope, Viewer } from './access.ts';
import { createUnauthenticatedError, readBearer, SCOPES } from './access.ts';

/** The algorithms that a token may be signed with. The token's own header does not decide; `none` is not allowed. */
const PUBLIC_KEY_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
const SECRET_ALGORITHMS = ['HS256', 'HS384', 'HS512'];
const CLOCK_TOLERANCE_SECONDS = 5;
const JWKS_TIMEOUT_MS = 5_000;
const KEYS_UNREADABLE = 'The gateway could not fetch the keys that verify tokens';

/** jose's error codes for an invalid token. Any other error concerns the keys, and is not the caller's fault. */
const FAULTS_OF_TOKEN = new Set([
  'ERR_JWT_EXPIRED',
  'ERR_JWT_CLAIM_VALIDATION_FAILED',
  'ERR_JWT_INVALID',
  'ERR_JWS_INVALID',
  'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
  'ERR_JWKS_NO_MATCHING_KEY',
  'ERR_JWKS_MULTIPLE_MATCHING_KEYS',
  'ERR_JOSE_ALG_NOT_ALLOWED',
  'ERR_JOSE_NOT_SUPPORTED',
]);

/**
 * @param enter - gives every caller the project to work on.
 * @param logger - gets the reason why the keys could not be fetched. Callers do not: they may be anyone.
 */
export function createJwtAuthenticate(
  settings: JwtSettings,
  enter: Access['enter'],
  logger: Logger,
): Authenticate {
  const verify = createVerify(settings, logger);
  return async (request) => {
    const token = readBearer(request.headers.get('authorization'));
    if (token === undefined) {
      throw createUnauthenticatedError('Expected an Authorization: Bearer header with a JWT, and got none.');
    }
    return { viewer: toViewer(await verify(token)), enter };
  };
}

function createVerify(
  { keys, issuer, audience }: JwtSettings,
  logger: Logger,
): (token: string) => Promise<JWTPayload> {
  const claims = {
    issuer,
    audience,
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    requiredClaims: ['exp'],
  };
  // Loaded only for a gateway that needs it, so that the others start faster.
  const verifying = import('jose').then(({ createRemoteJWKSet, jwtVerify }) => {
    if ('secret' in keys) {
      const secret = new TextEncoder().encode(keys.secret);
      return (token: string) => jwtVerify(token, secret, { ...claims, algorithms: SECRET_ALGORITHMS });
    }
    const keySet = createRemoteJWKSet(keys.jwksUrl, { timeoutDuration: JWKS_TIMEOUT_MS });
    return (token: string) => jwtVerify(token, keySet, { ...claims, algorithms: PUBLIC_KEY_ALGORITHMS });
  });
  let lastFault: unknown;
  return async (token) => {
    const verify = await verifying;
    try {
      return (await verify(token)).payload;
    } catch (error) {
      const refusal = toRefusal(error);
      if (refusal) throw refusal;
      // All requests that wait for one fetch of the keys get the same error object: log it once.
      if (error !== lastFault) logger.error({ err: error }, `${KEYS_UNREADABLE}, so it refuses requests`);
      lastFault = error;
      throw new GraphQLError(`${KEYS_UNREADABLE}. Retry later.`, {
        extensions: { code: 'UPSTREAM_UNAVAILABLE', http: { status: 503 } },
      });
    }
  };
}

/** The error for the caller if the token is invalid; undefined for any other fault. */
function toRefusal(error: unknown): GraphQLError | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ERR_JWT_EXPIRED') return createUnauthenticatedError('The token has expired. Get a new one.');
  if (typeof code === 'string' && FAULTS_OF_TOKEN.has(code)) {
    return createUnauthenticatedError(
      'Expected a JWT with an expiry, signed for this gateway, its issuer and its audience, and got an invalid one.',
    );
  }
  return undefined;
}

/** Reads OAuth 2.0 scopes from `scope` (RFC 8693) or `scp`, and ignores those that this gateway does not define. */
function toViewer({ sub, scope, scp }: JWTPayload): Viewer {
  const given = new Set(
    [scope, scp].flatMap((claim) => (typeof claim === 'string' ? claim.split(' ') : claim)),
  );
  const scopes = new Set<Scope>(SCOPES.filter((each) => given.has(each)));
  return { subject: sub ?? 'token without a subject', scopes };
}
