// Who sent a request, what it may do, and which api.video project it works on. Each AUTH mode has one `Authenticate`.
import { GraphQLError } from 'graphql';
import type { Project } from '../project/create-project.ts';
import type { WaitLimits } from '../upstream/caller.ts';
import type { Credentials } from '../upstream/credentials.ts';

/** The permissions that a caller may have. */
export const VIDEO_SCOPES = ['videos:read', 'videos:delete', 'videos:restore'] as const;
export const SCOPES = [...VIDEO_SCOPES, 'operations:manage'] as const;
export type Scope = (typeof SCOPES)[number];

export const EVERY_SCOPE: ReadonlySet<Scope> = new Set(SCOPES);

/** The caller that an operation runs for. */
export type Viewer = {
  /** Names the caller in the log: a token's subject, or a digest of credentials, never credentials. */
  readonly subject: string;
  readonly scopes: ReadonlySet<Scope>;
};

/** Whose the durable operations of a caller are, and what goes on signing their requests. */
export type Holder = {
  /** Names the project, of those that gateways with the same target work on. */
  readonly project: string;
  /**
   * Names who may see them, beside callers with operations:manage. Undefined if nothing names the caller: it can start none.
   */
  readonly owner: string | undefined;
  /** The caller's own credentials; undefined if the gateway's key signs. */
  readonly presented: { readonly text: string; readonly expiresAt: number | null } | undefined;
};

export type Entrance = {
  readonly project: Project;
  readonly credentials?: Credentials;
  /** Undefined if nothing names the project for longer than the caller's token lives: it can have no durable operations. */
  readonly holder: Holder | undefined;
};

export type Access = {
  readonly viewer: Viewer;
  /** When the caller's token expires, in milliseconds since the epoch; undefined if it has none that does. */
  readonly expiresAt: number | undefined;
  /**
   * The project to work on, and the credentials that sign the requests to it. May ask upstream, and waits for its
   * budget as long as the caller does.
   *
   * @throws {GraphQLError} UNAUTHENTICATED if upstream refuses the credentials; OVERLOADED if it has refused too many.
   * @throws {BudgetExhaustedError | CancelledError} if upstream does not identify the caller in time.
   */
  enter(limits: WaitLimits): Promise<Entrance>;
};

/**
 * Identifies the caller of a request by its headers alone.
 *
 * @param address - the client's, for limits; undefined if it is not known.
 * @throws {GraphQLError} UNAUTHENTICATED, before any of the request is parsed.
 */
export type Authenticate = (request: Pick<Request, 'headers'>, address?: string) => Promise<Access>;

/** How the work on an operation goes on without its caller. */
export type Resumption = {
  /** Names this gateway's key and upstream, which decide the target: the same after a restart, and no secret. */
  readonly name: string;
  /**
   * Names the operations that this gateway may work on: the upstream, its project, and how requests are signed.
   *
   * @throws the errors of `Credentials.authorization`, if upstream has to be asked for the project and does not answer.
   */
  target(): Promise<string>;
  /**
   * The project of an operation, and what signs its requests.
   *
   * @param presented - the caller's own credentials, as `Holder` has them.
   * @param signal - ends a wait for upstream.
   * @throws {UnauthorizedError} if upstream refuses them.
   * @throws the errors of `Identity.project`.
   */
  resume(presented: string | undefined, signal: AbortSignal): Promise<Entrance>;
};

/** Identifies callers, and goes on for them when they are gone. */
export type Authentication = Resumption & { readonly authenticate: Authenticate };

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
