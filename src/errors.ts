// The catalogue: every error code that a client can get, with its message. Only this file turns faults into GraphQL
// errors; their causes go to the log.
import { GraphQLError } from 'graphql';
import type { Failed, FailureCode, NotAttemptedReason } from './removal/outcomes.ts';
import { isTransient, type Refusal } from './upstream/refusal.ts';
import { ShapeError } from './upstream/shapes.ts';
import {
  AnswerLostError,
  BudgetExhaustedError,
  CancelledError,
  FilterIgnoredError,
  NotSentError,
  UnauthorizedError,
  UpstreamStatusError,
} from './upstream/upstream-errors.ts';

/** What a message says: what happened, and what to do if it is not known when a retry is worthwhile. */
type Text = { readonly happened: string; readonly advice?: string };

const UNCHANGED = 'This call did not change this video: ';

/** The message of each VideoFailure, and whether the same call may succeed later. */
export const FAILURES: Record<FailureCode, Text & { readonly retryable: boolean }> = {
  NOT_FOUND: {
    happened: 'There is no video with this id, live or removed.',
    retryable: false,
  },
  INVALID_ID: {
    happened: 'This is not a video id: expected 1 to 64 letters and digits. Nothing was sent for it.',
    retryable: false,
  },
  PERMANENT_DELETION_REFUSED: {
    happened: 'Video Restore is off, so this deletion would be permanent, and the gateway did not make it.',
    advice: 'Turn it on in the api.video dashboard, or pass ifPermanent: ALLOW.',
    retryable: false,
  },
  DESTROYED: {
    happened:
      'Video Restore was switched off shortly before this deletion, so the video was destroyed although the call did not allow it. It cannot be restored.',
    retryable: false,
  },
  OUTCOME_UNKNOWN: {
    happened:
      'The gateway sent the request, but could not verify whether it took effect, or whether the video can be restored.',
    advice: 'Check the video, or retry.',
    retryable: true,
  },
  NOT_ATTEMPTED: { happened: `${UNCHANGED}it was not sent.`, advice: 'Retry later.', retryable: true },
  UPSTREAM_UNAVAILABLE: {
    happened:
      'api.video, or a proxy on the way to it, could not be reached or failed. The video is unchanged.',
    advice: 'Retry later.',
    retryable: true,
  },
  UPSTREAM_REJECTED: {
    happened: 'api.video rejected the request for this video. The video is unchanged.',
    retryable: false,
  },
  UPSTREAM_UNAUTHORIZED: {
    happened:
      'api.video refused the API key or token that the request was signed with. The video is unchanged.',
    advice: 'Check that it is valid, and that it may change videos.',
    retryable: false,
  },
};

/** Why a call did not change a video; each follows `UNCHANGED`. */
const REASONS: Record<NotAttemptedReason, Text> = {
  rateLimit: {
    happened: "api.video's rate limit is used up, and waitSeconds ends before it is reset.",
    advice: 'Retry in a minute.',
  },
  turn: {
    happened: 'waitSeconds was over before its turn came.',
    advice: 'Retry, or pass a longer waitSeconds.',
  },
  proof: {
    happened:
      'the gateway deletes it only once it has seen that deletions can be restored, and waitSeconds was over before that.',
    advice: 'Retry.',
  },
  look: {
    happened: 'waitSeconds was over before it was certain whether it is live, removed or gone.',
    advice: 'Retry.',
  },
  otherCall: {
    happened: 'another call was still working on it when waitSeconds was over.',
    advice: 'Retry.',
  },
  earlierDeletion: {
    happened: 'an earlier deletion of it may still take effect, and a second one could destroy it.',
    advice: 'Retry in a few minutes.',
  },
  clientGone: { happened: 'the client disconnected before its turn came.', advice: 'Retry.' },
  withdrawn: { happened: 'the call was cancelled before its turn came.', advice: 'Retry.' },
  stopping: { happened: 'the gateway is stopping.', advice: 'Retry in a few seconds.' },
  log: {
    happened: 'the gateway cannot write its log at present, and changes nothing without an audit line.',
    advice: 'Retry later, or tell the operator of the gateway.',
  },
  fault: {
    happened: 'the gateway has a fault.',
    advice: 'Retry, or give the x-request-id of the answer to the operator of the gateway.',
  },
};

/** The message of a failure, and whether the same call may succeed later. */
export function toFailureText(failure: Failed): { readonly message: string; readonly retryable: boolean } {
  const { code, reason, refusal, retryAfterSeconds } = failure;
  const { retryable, ...text } = FAILURES[code];
  if (code === 'UPSTREAM_REJECTED' && refusal) return toRejectedText(refusal);
  if (!reason) return { message: join(text, retryable ? retryAfterSeconds : undefined), retryable };
  const happened = UNCHANGED + REASONS[reason].happened;
  return { message: join({ ...REASONS[reason], happened }, retryAfterSeconds), retryable };
}

function toRejectedText(refusal: Refusal) {
  const { title } = refusal;
  const retryable = isTransient(refusal);
  const reason = title === undefined ? '.' : `: ${title}${/[.!?…]$/.test(title) ? '' : '.'}`;
  const happened = `api.video rejected the request for this video${reason} The video is unchanged.`;
  return { message: retryable ? `${happened} Retry later.` : happened, retryable };
}

function join({ happened, advice }: Text, retryAfterSeconds: number | undefined): string {
  if (retryAfterSeconds === undefined) return advice === undefined ? happened : `${happened} ${advice}`;
  return `${happened} Retry in ${retryAfterSeconds} ${retryAfterSeconds === 1 ? 'second' : 'seconds'}.`;
}

/** An error for wrong arguments. Clients see `message` unchanged: what was expected, what came, and what to do. */
export function createInputError(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}

/**
 * Converts an error to the one that a client may see. A GraphQLError without a cause is meant for clients. Upstream
 * faults get their code from the catalogue. Any other error becomes INTERNAL_SERVER_ERROR and reveals nothing.
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
 * Whether an error does not belong in the operator's log. That holds for errors made for clients (the code that throws
 * them has logged any cause), for arguments that upstream rejected, and when the client disconnects or the gateway stops.
 */
export function isForClientsAlone(error: unknown): boolean {
  const located = error instanceof GraphQLError ? error : undefined;
  const cause = findCause(error);
  if (cause instanceof CancelledError) return true;
  return isForClients(cause, located) || toCatalogued(cause).extensions.code === 'BAD_USER_INPUT';
}

function findCause(error: unknown): unknown {
  if (!(error instanceof GraphQLError) || !error.originalError) return error;
  // The error of a variable names the variable; the scalar's error inside it does not. Field errors have a path.
  const isVariables = error.path === undefined && error.originalError instanceof GraphQLError;
  return isVariables ? error : findCause(error.originalError);
}

/** True for any GraphQLError except that of a scalar that cannot serialise a value, which has no location. */
function isForClients(cause: unknown, located: GraphQLError | undefined): cause is GraphQLError {
  if (!(cause instanceof GraphQLError)) return false;
  return located?.path === undefined || cause.nodes !== undefined || cause.extensions.code !== undefined;
}

type ClientFault = {
  readonly message: string;
  readonly extensions: { readonly code: string; [detail: string]: unknown };
};

/** Codes that our libraries use for a bad request; the catalogue calls it BAD_USER_INPUT. */
const INPUT_CODES = new Set(['BAD_REQUEST', 'REQUEST_ENTITY_TOO_LARGE']);

function toKnown({ message, extensions }: GraphQLError): ClientFault {
  const { code, http } = extensions;
  // No code: graphql-js found a variable of the wrong type during execution.
  if (typeof code !== 'string') return { message, extensions: { code: 'BAD_USER_INPUT', ...withHttp(http) } };
  if (!INPUT_CODES.has(code)) return { message, extensions: { code, ...withHttp(http) } };
  // A request that is not GraphQL keeps its status for application/json clients too; `spec` would turn it into 200.
  return { message, extensions: { code: 'BAD_USER_INPUT', ...withHttp(http, { spec: false }) } };
}

/** The status and headers of the answer. Yoga reads them from the error and does not show them. */
function withHttp(http: unknown, more = {}): { http?: object } {
  return typeof http === 'object' && http !== null ? { http: { ...http, ...more } } : {};
}

const UPSTREAM_FAULTS = [AnswerLostError, NotSentError, UpstreamStatusError, CancelledError, ShapeError];

function toCatalogued(error: unknown): ClientFault {
  if (error instanceof BudgetExhaustedError) {
    const { reason, retryAfterSeconds = 1 } = error;
    const happened =
      reason === 'rateLimit'
        ? "api.video's rate limit for reads is used up."
        : 'The gateway could not read from api.video in time.';
    return {
      message: join({ happened }, retryAfterSeconds),
      extensions: { code: 'UPSTREAM_BUDGET_EXHAUSTED', retryAfterSeconds },
    };
  }
  if (error instanceof CancelledError && error.reason === 'stopping') {
    return {
      message: 'The gateway is stopping. Retry in a few seconds.',
      extensions: { code: 'UPSTREAM_UNAVAILABLE' },
    };
  }
  const status = error instanceof UpstreamStatusError ? error.refusal?.status : undefined;
  if (error instanceof UnauthorizedError || status === 403) {
    return {
      message: 'api.video refused the credentials.',
      extensions: { code: 'UPSTREAM_UNAUTHORIZED' },
    };
  }
  if (status === 400) {
    return { message: 'api.video rejected these arguments.', extensions: { code: 'BAD_USER_INPUT' } };
  }
  if (error instanceof FilterIgnoredError) {
    return {
      message:
        'api.video listed videos that do not meet the filter, so the list is not shown. Retry later, or with another filter.',
      extensions: { code: 'UPSTREAM_UNAVAILABLE' },
    };
  }
  if (UPSTREAM_FAULTS.some((fault) => error instanceof fault)) {
    return {
      message: 'api.video could not be reached, or did not answer as expected. Retry later.',
      extensions: { code: 'UPSTREAM_UNAVAILABLE' },
    };
  }
  return {
    message: 'Something went wrong in the gateway.',
    // Yoga answers with status 500 if there is no data, and does not show this flag.
    extensions: { code: 'INTERNAL_SERVER_ERROR', unexpected: true },
  };
}
