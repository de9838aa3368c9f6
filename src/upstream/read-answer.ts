// What an answer of upstream shows, or that it shows nothing.
import { readRefusal } from './refusal.ts';
import { ShapeError } from './shapes.ts';
import type { HttpAnswer } from './transport.ts';
import { AnswerLostError, UpstreamStatusError } from './upstream-errors.ts';

/** A 404 with this type is about a path that upstream does not know. */
export const UNKNOWN_PATH = 'unrecognized-request-url';

/**
 * Whether a 404 is about a video, not about a path that upstream does not know.
 *
 * @throws {AnswerLostError} if the 404 does not come from upstream.
 */
export function isMissing(answer: HttpAnswer): boolean {
  if (answer.status !== 404) return false;
  const refusal = readRefusal(answer);
  if (refusal) return refusal.type !== UNKNOWN_PATH;
  throw new AnswerLostError('got a 404 without a problem document of upstream', answer.sentAt);
}

/** The error for an answer to a read that does not show what was asked for. @param request - method and path. */
export function toStatusError(answer: HttpAnswer, request: string): UpstreamStatusError {
  return new UpstreamStatusError(answer.status, request, readRefusal(answer));
}

/**
 * Parses the body of an answer.
 *
 * @throws {AnswerLostError} if its shape is wrong: the answer then shows nothing.
 */
export function parseAnswer<T>(read: (body: Buffer) => T, answer: HttpAnswer): T {
  try {
    return read(answer.body);
  } catch (error) {
    if (error instanceof ShapeError)
      throw new AnswerLostError(error.message, answer.sentAt, { cause: error });
    throw error;
  }
}
