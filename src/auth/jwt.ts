// AUTH=jwt: the gateway holds the key of the project, and callers bring a token of the deployment's own identity provider.

import { GraphQLError } from 'graphql';
import type { JWTPayload } from 'jose';
import type { Logger } from 'pino';
import type { JwtSettings } from '../config/config.ts';
import type { Access, Authenticate, Scope, Viewer } from './access.ts';
import { createUnauthenticatedError, readBearer, SCOPES } from './access.ts';

/** What a token may be signed with; what it says of itself is not asked. `none` is in neither. */
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

/** What jose says of a token that is wrong; all else it throws is about the keys, and not the caller's fault. */
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
 * @param enter - what every caller works on.
 * @param logger - told why the keys could not be read, which callers are not: they may be anybody.
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
  // Loaded with the first gateway that needs it; the others start without.
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
      // All who wait for one fetch of the keys are told the same error.
      if (error !== lastFault) logger.error({ err: error }, `${KEYS_UNREADABLE}, so it refuses requests`);
      lastFault = error;
      throw new GraphQLError(`${KEYS_UNREADABLE}. Retry later.`, {
        extensions: { code: 'UPSTREAM_UNAVAILABLE', http: { status: 503 } },
      });
    }
  };
}

/** What to tell the caller where the token is at fault. */
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

/** Scopes as OAuth 2.0 writes them, in `scope` (RFC 8693) or `scp`; those that are not of this gateway mean nothing to it. */
function toViewer({ sub, scope, scp }: JWTPayload): Viewer {
  const given = new Set(
    [scope, scp].flatMap((claim) => (typeof claim === 'string' ? claim.split(' ') : claim)),
  );
  const scopes = new Set<Scope>(SCOPES.filter((each) => given.has(each)));
  return { subject: sub ?? 'token without a subject', scopes };
}
