// What the failure of a request means: a sentence for the user, and whether the gateway may have acted all the same.
import { CombinedGraphQLErrors, ServerError, ServerParseError } from '@apollo/client/errors';
import { faults } from '../words.ts';
import { type AnswerError, readErrors, toAnswerError } from './answers.ts';
import { isOffline } from './connection.ts';

/** Codes with which the gateway refuses a request, or a whole field of it, before it does anything. */
const REFUSALS = new Set([
  'BAD_USER_INPUT',
  'FORBIDDEN',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'OVERLOADED',
  'PERSISTED_QUERY_NOT_SUPPORTED',
  // Its message says so if an operation may have been started.
  'STORAGE_UNAVAILABLE',
  'UNAUTHENTICATED',
  'UPSTREAM_UNAUTHORIZED',
]);

/** The same, but only for a request as a whole: it was checking who calls. */
const REFUSALS_OF_CALLERS = new Set(['UPSTREAM_BUDGET_EXHAUSTED', 'UPSTREAM_UNAVAILABLE']);

/**
 * Whether the gateway may have done what it was asked. It has not if it says so by its code, or if a server has refused the
 * request as such (4xx). In all other cases, also if a proxy answers for it, nobody knows.
 */
export function isAnswerLost(error: unknown): boolean {
  const errors = toErrors(error);
  if (errors.length > 0) return !errors.every(isRefusal);
  if (!(error instanceof ServerError)) return true;
  const { statusCode } = error;
  // A proxy that has waited too long for the request may have passed on the beginning of it.
  return statusCode < 400 || statusCode >= 500 || statusCode === 408;
}

/** An error below a field comes after the field has done its work. */
function isRefusal({ code, depth }: AnswerError): boolean {
  return (depth <= 1 && REFUSALS.has(code)) || (depth === 0 && REFUSALS_OF_CALLERS.has(code));
}

/** A fault that the app itself has found in an answer, with a sentence for the user. */
export class AppFault extends Error {}

export function explain(error: unknown): string {
  if (error instanceof AppFault) return error.message;
  const [first] = toErrors(error);
  if (first) return toSentence(first) || faults.unknown;
  if (error instanceof CombinedGraphQLErrors) return error.errors[0]?.message || faults.unknown;
  if (isOffline()) return faults.offline;
  if (error instanceof ServerParseError) return faults.unreadable;
  if (!(error instanceof ServerError)) return faults.unreachable;
  const { statusCode } = error;
  if (statusCode === 401) return faults.signedOut;
  if (statusCode === 403) return faults.forbidden;
  if (statusCode === 413) return faults.tooLarge;
  if (statusCode === 429) return faults.tooMany;
  if (statusCode >= 502 && statusCode <= 504) return faults.unreachable;
  return faults.status(statusCode);
}

/** The gateway's own message where that says more. */
function toSentence({ code, message, retryAfterSeconds }: AnswerError): string {
  if (code === 'UNAUTHENTICATED') return faults.signedOut;
  if (code === 'FORBIDDEN') return faults.forbidden;
  if (code === 'OVERLOADED') return faults.busy;
  if (code === 'UPSTREAM_UNAUTHORIZED') return faults.notAccepted;
  if (code === 'UPSTREAM_BUDGET_EXHAUSTED') return faults.usedUp(retryAfterSeconds);
  return message;
}

/** Those of the gateway; none if it has not answered. */
function toErrors(error: unknown): readonly AnswerError[] {
  if (error instanceof CombinedGraphQLErrors) {
    const errors = error.errors.flatMap(toAnswerError);
    return errors.length === error.errors.length ? errors : [];
  }
  return error instanceof ServerError ? readErrors(error.bodyText) : [];
}
