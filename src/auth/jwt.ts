// AUTH=jwt: the gateway holds the API key of the project, and callers send a token of the deployment's identity provider.
import { createHash } from 'node:crypto';
import { GraphQLError } from 'graphql';
import type { JWTPayload } from 'jose';
import type { Logger } from 'pino';
import type { JwtSettings } from '../config/config.ts';
import type { Access, Authenticate, Viewer } from './access.ts';
import { createInvalidTokenError, createUnauthenticatedError, readBearer, VIDEO_SCOPES } from './access.ts';
import { type KeySet, KeysUnavailableError } from './key-set.ts';
import { InvalidTokenError, type RefusalDetails, toShown } from './refusal-details.ts';
import { readScopes } from './token-scopes.ts';

/** Strangers send as many wrong tokens as they like. One line for each reason is enough to find a wrong setting. */
const REASON_LOGGED_EVERY_MS = 60_000;
/** Characters of a token's subject in the log. */
const MAX_SUBJECT_LENGTH = 200;

const REFUSED = 'A token was refused';
const POWERLESS = 'A token gives no access to videos';
const INVALID =
  'Expected a JWT with an expiry, signed for this gateway, its issuer and its audience, and got an invalid one.';

/**
 * @param keySet - the keys of `jwksUrl`; undefined with a shared secret.
 * @param enterAs - gives every caller the project to work on. `owner` names the caller in durable operations, if the token has a subject.
 * @param findLogger - of the current request. It gets the reason why a token is refused. Callers do not: they may be anyone.
 */
export function createJwtAuthenticate(
  settings: JwtSettings,
  keySet: KeySet | undefined,
  enterAs: (owner: string | undefined) => Access['enter'],
  findLogger: () => Logger,
): Authenticate {
  const logReason = createLogReason(findLogger);
  const verify = createVerify(settings, keySet, logReason);
  return async (request) => {
    const header = request.headers.get('authorization');
    const token = readBearer(header);
    if (token !== undefined) {
      const payload = await verify(token);
      const viewer = toViewer(payload, settings, logReason);
      const expiresAt = payload.exp === undefined ? undefined : payload.exp * 1_000;
      return { viewer, expiresAt, enter: enterAs(toOwner(payload)) };
    }
    if (!/^Bearer\b/i.test(header ?? ''))
      throw createUnauthenticatedError('Expected an Authorization: Bearer header with a JWT, and got none.');
    logReason(REFUSED, 'the Authorization header is not Bearer, a blank and a token');
    throw createInvalidTokenError(INVALID);
  };
}

function createVerify(
  { keys, ...expected }: JwtSettings,
  keySet: KeySet | undefined,
  logReason: LogReason,
): (token: string) => Promise<JWTPayload> {
  const key = 'secret' in keys ? keys.secret : keySet?.find;
  if (key === undefined) throw new Error('expected the keys of JWT_JWKS_URL, and they are missing');
  // Loaded only for a gateway that needs it, so that the others start faster.
  const loading = import('./verify-token.ts').then(({ createVerifyToken }) =>
    createVerifyToken(key, expected),
  );
  return async (token) => {
    const verify = await loading;
    try {
      return await verify(token);
    } catch (error) {
      if (error instanceof InvalidTokenError) {
        logReason(REFUSED, error.message, error.details);
        throw createInvalidTokenError(error.isExpired ? 'The token has expired. Get a new one.' : INVALID);
      }
      if (!(error instanceof KeysUnavailableError)) throw error;
      throw new GraphQLError(`${error.message}. Retry later.`, {
        extensions: { code: 'UPSTREAM_UNAVAILABLE', http: { status: 503 } },
      });
    }
  };
}

/** @param reason - one of few, so that what is kept of them is small, and their lines are few. */
type LogReason = (title: string, reason: string, details?: RefusalDetails) => void;

function createLogReason(findLogger: () => Logger): LogReason {
  const loggedAt = new Map<string, number>();
  return (title, reason, details) => {
    const now = performance.now();
    const isNews = now >= (loggedAt.get(reason) ?? Number.NEGATIVE_INFINITY) + REASON_LOGGED_EVERY_MS;
    if (isNews) loggedAt.set(reason, now);
    findLogger()[isNews ? 'info' : 'debug']({ reason, ...details }, `${title}: ${reason}`);
  };
}

function toViewer(payload: JWTPayload, settings: JwtSettings, logReason: LogReason): Viewer {
  const { scopes, claim, isEmpty } = readScopes(payload, settings);
  if (scopes.size === 0) {
    const others = isEmpty ? 'it lists no scopes' : 'its scopes belong to other APIs';
    logReason(POWERLESS, claim === undefined ? 'it has no claim with scopes' : others, {
      claim: claim ?? settings.scopeClaims.join(', '),
      expected: VIDEO_SCOPES.map((scope) => settings.scopePrefix + scope).join(', '),
      got: claim === undefined ? undefined : toShown(payload[claim]),
    });
  }
  return { subject: toSubject(hasSubject(payload) ? payload.sub : undefined), scopes };
}

/** Other than the subject in the log, it is another one for each token's subject, and for callers of another AUTH mode. */
function toOwner(payload: JWTPayload): string | undefined {
  if (!hasSubject(payload)) return undefined;
  return `sub ${createHash('sha256').update(JSON.stringify(payload.sub)).digest('base64url')}`;
}

function hasSubject({ sub }: JWTPayload): boolean {
  return typeof sub === 'string' && sub !== '';
}

/** A subject that would be long or would confuse a terminal is shortened, and stays distinct by its digest. */
function toSubject(sub: string | undefined): string {
  if (!sub) return 'token without a subject';
  const shown = sub.slice(0, MAX_SUBJECT_LENGTH).replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');
  if (shown === sub) return sub;
  return `${shown} (sha256 ${createHash('sha256').update(sub).digest('hex').slice(0, 16)})`;
}
