// AUTH=jwt: the gateway holds the API key of the project, and callers send a token of the deployment's identity provider.
import { createHash } from 'node:crypto';
import { GraphQLError } from 'graphql';
import type { JWTPayload } from 'jose';
import type { Logger } from 'pino';
import type { JwtSettings } from '../config/config.ts';
import type { Access, Authenticate, Scope, Viewer } from './access.ts';
import { createInvalidTokenError, createUnauthenticatedError, readBearer, SCOPES } from './access.ts';
import { type KeySet, KeysUnavailableError } from './key-set.ts';

/** Strangers send as many wrong tokens as they like. One line for each reason is enough to find a wrong setting. */
const REASON_LOGGED_EVERY_MS = 60_000;
/** Characters of a token's subject in the log. */
const MAX_SUBJECT_LENGTH = 200;

const INVALID =
  'Expected a JWT with an expiry, signed for this gateway, its issuer and its audience, and got an invalid one.';

/**
 * @param keySet - the keys of `jwksUrl`; undefined with a shared secret.
 * @param enter - gives every caller the project to work on.
 * @param logger - gets the reason why a token is refused. Callers do not: they may be anyone.
 */
export function createJwtAuthenticate(
  settings: JwtSettings,
  keySet: KeySet | undefined,
  enter: Access['enter'],
  logger: Logger,
): Authenticate {
  const verify = createVerify(settings, keySet, logger);
  return async (request) => {
    const header = request.headers.get('authorization');
    const token = readBearer(header);
    if (token !== undefined) return { viewer: toViewer(await verify(token)), enter };
    if (/^Bearer\b/i.test(header ?? '')) throw createInvalidTokenError(INVALID);
    throw createUnauthenticatedError('Expected an Authorization: Bearer header with a JWT, and got none.');
  };
}

function createVerify(
  { keys, issuer, audience }: JwtSettings,
  keySet: KeySet | undefined,
  logger: Logger,
): (token: string) => Promise<JWTPayload> {
  const key = 'secret' in keys ? keys.secret : keySet?.find;
  if (key === undefined) throw new Error('expected the keys of JWT_JWKS_URL, and they are missing');
  const logReason = createLogReason(logger);
  // Loaded only for a gateway that needs it, so that the others start faster.
  const loading = import('./verify-token.ts').then(({ createVerifyToken, InvalidTokenError }) => ({
    verify: createVerifyToken(key, { issuer, audience }),
    InvalidTokenError,
  }));
  return async (token) => {
    const { verify, InvalidTokenError } = await loading;
    try {
      return await verify(token);
    } catch (error) {
      if (error instanceof InvalidTokenError) {
        logReason(error.message, error.got);
        throw createInvalidTokenError(error.isExpired ? 'The token has expired. Get a new one.' : INVALID);
      }
      if (!(error instanceof KeysUnavailableError)) throw error;
      throw new GraphQLError(`${error.message}. Retry later.`, {
        extensions: { code: 'UPSTREAM_UNAVAILABLE', http: { status: 503 } },
      });
    }
  };
}

/** The reasons are few, so what is kept of them is small. */
function createLogReason(logger: Logger): (reason: string, got: string | undefined) => void {
  const loggedAt = new Map<string, number>();
  return (reason, got) => {
    const now = performance.now();
    const isNews = now >= (loggedAt.get(reason) ?? Number.NEGATIVE_INFINITY) + REASON_LOGGED_EVERY_MS;
    if (isNews) loggedAt.set(reason, now);
    logger[isNews ? 'info' : 'debug']({ reason, got }, `A token was refused: ${reason}`);
  };
}

/** Reads OAuth 2.0 scopes from `scope` (RFC 8693) or `scp`, and ignores those that this gateway does not define. */
function toViewer({ sub, scope, scp }: JWTPayload): Viewer {
  const given = new Set(
    [scope, scp].flatMap((claim) => (typeof claim === 'string' ? claim.split(' ') : claim)),
  );
  const scopes = new Set<Scope>(SCOPES.filter((each) => given.has(each)));
  return { subject: toSubject(sub), scopes };
}

/** A subject that would be long or would confuse a terminal is shortened, and stays distinct by its digest. */
function toSubject(sub: unknown): string {
  if (typeof sub !== 'string' || sub === '') return 'token without a subject';
  const shown = sub.slice(0, MAX_SUBJECT_LENGTH).replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');
  if (shown === sub) return sub;
  return `${shown} (sha256 ${createHash('sha256').update(sub).digest('hex').slice(0, 16)})`;
}
