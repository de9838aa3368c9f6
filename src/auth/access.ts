// Who sent a request, what it may do, and which api.video project it works on. Each AUTH mode has one `Authenticate`.
import { GraphQLError } from 'graphql';
import type { Project } from '../project/create-project.ts';
import type { WaitLimits } from '../upstream/caller.ts';
import type { Credentials } from '../upstream/credentials.ts';

/** The permissions that a caller may have. */
export const SCOPES = ['videos:read', 'videos:delete', 'videos:restore'] as const;
export type Scope = (typeof SCOPES)[number];

export const EVERY_SCOPE: ReadonlySet<Scope> = new Set(SCOPES);

/** The caller that an operation runs for. */
export type Viewer = {
  /** Names the caller in the log: a token's subject, or a digest of credentials, never credentials. */
  readonly subject: string;
  readonly scopes: ReadonlySet<Scope>;
};

export type Access = {
  readonly viewer: Viewer;
  /**
   * The project to work on, and the credentials that sign the requests to it. May ask upstream, and waits for its
   * budget as long as the caller does.
   *
   * @throws {GraphQLError} UNAUTHENTICATED if upstream refuses the credentials; OVERLOADED if it has refused too many.
   * @throws {BudgetExhaustedError | CancelledError} if upstream does not identify the caller in time.
   */
  enter(limits: WaitLimits): Promise<{ readonly project: Project; readonly credentials?: Credentials }>;
};

/**
 * Identifies the caller of a request by its headers alone.
 *
 * @param address - the client's, for limits; undefined if it is not known.
 * @throws {GraphQLError} UNAUTHENTICATED, before any of the request is parsed.
 */
export type Authenticate = (request: Pick<Request, 'headers'>, address?: string) => Promise<Access>;

/**
 * For a request without credentials. Never a Basic challenge: browsers would then ask their users for a password by
 * themselves.
 */
export function createUnauthenticatedError(message: string): GraphQLError {
  return createChallenge(message, REALM);
}

/**
 * For credentials that are refused: RFC 6750 names the error in the challenge, so that clients get a new token.
 *
 * @param message - ASCII without quotes and backslashes, because it becomes part of a header.
 */
export function createInvalidTokenError(message: string): GraphQLError {
  return createChallenge(message, `${REALM}, error="invalid_token", error_description="${message}"`);
}

const REALM = 'Bearer realm="apivideo-graphql"';

function createChallenge(message: string, challenge: string): GraphQLError {
  return new GraphQLError(message, {
    extensions: {
      code: 'UNAUTHENTICATED',
      http: { status: 401, headers: { 'www-authenticate': challenge } },
    },
  });
}

/** The gateway has not asked upstream about the credentials, because it refused too many others. */
export function createOverloadedError(message: string, retryAfterSeconds: number): GraphQLError {
  return new GraphQLError(message, {
    extensions: {
      code: 'OVERLOADED',
      http: { status: 503, headers: { 'retry-after': String(retryAfterSeconds) } },
    },
  });
}

/** The token of `Authorization: Bearer …`; undefined for any other header. */
export function readBearer(header: string | null): string | undefined {
  return /^Bearer +([\w.~+/-]+=*) *$/i.exec(header ?? '')?.[1];
}
