// Who a request is from, what it may do, and the api.video project that it works on. One `Authenticate` a mode of AUTH.
import { GraphQLError } from 'graphql';
import type { Project } from '../project/create-project.ts';
import type { WaitLimits } from '../upstream/caller.ts';
import type { Credentials } from '../upstream/credentials.ts';

/** What a caller may be allowed to do. */
export const SCOPES = ['videos:read', 'videos:delete', 'videos:restore'] as const;
export type Scope = (typeof SCOPES)[number];

export const EVERY_SCOPE: ReadonlySet<Scope> = new Set(SCOPES);

/** On whose behalf an operation runs. */
export type Viewer = {
  /** Names the caller in the log: a token's subject, or a digest of credentials, never credentials. */
  readonly subject: string;
  readonly scopes: ReadonlySet<Scope>;
};

export type Access = {
  readonly viewer: Viewer;
  /**
   * The project to work on, and what signs the requests to it where that is not the project's own key. May ask upstream,
   * and waits for its budget as long as the caller does.
   *
   * @throws {GraphQLError} UNAUTHENTICATED where upstream refuses the credentials.
   * @throws {BudgetExhaustedError | CancelledError} where upstream could not be asked in time.
   */
  enter(limits: WaitLimits): Promise<{ readonly project: Project; readonly credentials?: Credentials }>;
};

/**
 * Who a request is from, by its headers alone.
 *
 * @throws {GraphQLError} UNAUTHENTICATED, before any of the request is parsed.
 */
export type Authenticate = (request: Request) => Promise<Access>;

/** Never a Basic challenge: browsers would ask the people in front of them for a password of their own accord. */
export function createUnauthenticatedError(message: string): GraphQLError {
  return new GraphQLError(message, {
    extensions: {
      code: 'UNAUTHENTICATED',
      http: { status: 401, headers: { 'www-authenticate': 'Bearer realm="apivideo-graphql"' } },
    },
  });
}

/** The token of `Authorization: Bearer …`; undefined for any other header. */
export function readBearer(header: string | null): string | undefined {
  return /^Bearer +([\w.~+/-]+=*) *$/i.exec(header ?? '')?.[1];
}
