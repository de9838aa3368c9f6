// The catalogue: every code that a client can meet, with the message for it. Faults become GraphQL errors here and
// nowhere else; their causes go to the log.
import { GraphQLError } from 'graphql';
import type { FailureCode } from './removal/outcomes.ts';
import { ShapeError } from './upstream/shapes.ts';
import {
  AnswerLostError,
  BudgetExhaustedError,
  CancelledError,
  NotSentError,
  UnauthorizedError,
  UpstreamStatusError,
} from './upstream/upstream-errors.ts';

/** What a VideoFailure says, and whether the same call may succeed later. */
export const FAILURES: Record<FailureCode, { readonly message: string; readonly retryable: boolean }> = {
  NOT_FOUND: { message: 'There is no video with this id, live or removed.', retryable: false },
  INVALID_ID: {
    message: 'This is not a video id: expected 1 to 64 letters and digits. Nothing was sent for it.',
    retryable: false,
  },
  PERMANENT_DELETION_REFUSED: {
    message:
      'Video Restore is off, so this deletion would be permanent and was not sent. Turn it on in the api.video dashboard (checked again after a minute), or pass ifPermanent: ALLOW.',
    retryable: false,
  },
  DESTROYED: {
    message:
      'Video Restore was switched off shortly before this deletion, so the video was destroyed although the call did not allow it. It cannot be restored.',
    retryable: false,
  },
  OUTCOME_UNKNOWN: {
    message:
      'The gateway sent the request, but could not verify whether it took effect, or whether the video can be restored. Check the video, or retry.',
    retryable: true,
  },
  NOT_ATTEMPTED: {
    message:
      'The gateway did not send this request: waitSeconds or the rate limit ran out, the call was cancelled, or an earlier deletion could not be verified. Retry later.',
    retryable: true,
  },
  UPSTREAM_UNAVAILABLE: {
    message: 'api.video could not be reached, or failed. The video is unchanged. Retry later.',
    retryable: true,
  },
  UPSTREAM_REJECTED: {
    message: 'api.video rejected the request for this video. The video is unchanged.',
    retryable: false,
  },
  UPSTREAM_UNAUTHORIZED: {
    message: 'api.video refused the credentials. The video is unchanged.',
    retryable: false,
  },
};

/** What is wrong with a caller's arguments: what was expected, what came, what to do. Shown as it is. */
export function createInputError(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}

/**
 * The error as a client may see it. A GraphQLError without a cause of its own was meant for clients; faults of upstream
 * get their code of the catalogue; anything else becomes INTERNAL_SERVER_ERROR without a word of what it was.
 */
export function toClientError(error: unknown): GraphQLError {
  const located = error instanceof GraphQLError ? error : undefined;
  const cause = findCause(error);
  const { message, extensions } = isForClients(cause, located) ? toKnown(cause) : toCatalogued(cause);
  return new GraphQLError(message, {
    nodes: located?.nodes ?? null,
    source: located?.source ?? null,
    positions: located?.positions ?? null,
    path: located?.path ?? null,
    extensions,
  });
}

/**
 * Whether it is nothing for the log of an operator: it was made for clients, and whoever made it has told the cause where
 * there is one; or upstream refused what a client asked for; or the client went away, or the gateway is stopping.
 */
export function isForClientsAlone(error: unknown): boolean {
  const located = error instanceof GraphQLError ? error : undefined;
  const cause = findCause(error);
  if (cause instanceof CancelledError) return true;
  return isForClients(cause, located) || toCatalogued(cause).extensions.code === 'BAD_USER_INPUT';
}

function findCause(error: unknown): unknown {
  if (!(error instanceof GraphQLError) || !error.originalError) return error;
  // A variable's error says which variable it is; the scalar's own, inside it, does not. Errors of fields have a path.
  const isVariables = error.path === undefined && error.originalError instanceof GraphQLError;
  return isVariables ? error : findCause(error.originalError);
}

/** A GraphQLError is; but a scalar that cannot show a value throws one too, which has no place in the document. */
function isForClients(cause: unknown, located: GraphQLError | undefined): cause is GraphQLError {
  if (!(cause instanceof GraphQLError)) return false;
  return located?.path === undefined || cause.nodes !== undefined || cause.extensions.code !== undefined;
}

type ClientFault = {
  readonly message: string;
  readonly extensions: { readonly code: string; [detail: string]: unknown };
};

/** Codes of the libraries in front of ours that stand for a request that is wrong, in the word of the catalogue. */
const INPUT_CODES = new Set(['BAD_REQUEST', 'REQUEST_ENTITY_TOO_LARGE']);

function toKnown({ message, extensions }: GraphQLError): ClientFault {
  const { code, http } = extensions;
  // Without a code: a variable of the wrong type, found by graphql-js when it executes.
  if (typeof code !== 'string') return { message, extensions: { code: 'BAD_USER_INPUT', ...withHttp(http) } };
  if (!INPUT_CODES.has(code)) return { message, extensions: { code, ...withHttp(http) } };
  // What is no GraphQL request at all keeps its status for clients of application/json too, where `spec` would make it 200.
  return { message, extensions: { code: 'BAD_USER_INPUT', ...withHttp(http, { spec: false }) } };
}

/** The status and headers of the answer, which yoga takes from the error and does not show. */
function withHttp(http: unknown, more = {}): { http?: object } {
  return typeof http === 'object' && http !== null ? { http: { ...http, ...more } } : {};
}

const UPSTREAM_FAULTS = [AnswerLostError, NotSentError, UpstreamStatusError, CancelledError, ShapeError];

function toCatalogued(error: unknown): ClientFault {
  if (error instanceof BudgetExhaustedError) {
    return {
      message: 'The rate limit of api.video is used up. Retry after retryAfterSeconds.',
      extensions: { code: 'UPSTREAM_BUDGET_EXHAUSTED', retryAfterSeconds: error.retryAfterSeconds ?? 1 },
    };
  }
  const status = error instanceof UpstreamStatusError ? error.status : undefined;
  if (error instanceof UnauthorizedError || status === 403) {
    return {
      message: 'api.video refused the credentials.',
      extensions: { code: 'UPSTREAM_UNAUTHORIZED' },
    };
  }
  if (status === 400) {
    return { message: 'api.video rejected these arguments.', extensions: { code: 'BAD_USER_INPUT' } };
  }
  if (UPSTREAM_FAULTS.some((fault) => error instanceof fault)) {
    return {
      message: 'api.video could not be reached, or did not answer as expected. Retry later.',
      extensions: { code: 'UPSTREAM_UNAVAILABLE' },
    };
  }
  return {
    message: 'Something went wrong in the gateway.',
    // Yoga makes it a status of 500 where there is no data at all, and does not show it.
    extensions: { code: 'INTERNAL_SERVER_ERROR', unexpected: true },
  };
}
