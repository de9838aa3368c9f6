// The catalogue: every error code that a client can get, with its message. Only this file turns faults into GraphQL
// errors; their causes go to the log. `failure-messages.ts` has the messages of results.
import { GraphQLError } from 'graphql';
import { toText } from './failure-messages.ts';
import { StorageUnavailableError } from './operations/storage.ts';
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

/** An error for wrong arguments. Clients see `message` unchanged: what was expected, what came, and what to do. */
export function createInputError(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}

/** @param what - the field or act that needs the scopes. */
export function createForbiddenError(
  what: string,
  alternatives: readonly (readonly string[])[],
): GraphQLError {
  const expected = alternatives.map((scopes) => scopes.join(' and ')).join(', or ');
  return new GraphQLError(`${what} requires the scope ${expected}, which the token does not have.`, {
    extensions: { code: 'FORBIDDEN' },
  });
}

/** An error for an operation that the caller does not have. */
export function createOperationNotFoundError(id: string): GraphQLError {
  const message = `Expected the id of an operation of yours, and got ${JSON.stringify(id.slice(0, 40))}.`;
  return new GraphQLError(message, { extensions: { code: 'OPERATION_NOT_FOUND' } });
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
      message: toText({ happened }, retryAfterSeconds),
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
  if (error instanceof StorageUnavailableError) {
    return {
      message: `Durable operations are not available at present: ${error.message}.`,
      extensions: { code: 'STORAGE_UNAVAILABLE' },
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
