// What an answer of upstream shows, or that it shows nothing.
import { readProblem, ShapeError } from './shapes.ts';
import type { HttpAnswer } from './transport.ts';
import { AnswerLostError } from './upstream-errors.ts';

/**
 * Whether a 404 is about a video, not about a path that upstream does not know.
 *
 * @throws {AnswerLostError} if the 404 does not come from upstream.
 */
export function isMissing(answer: HttpAnswer): boolean {
  if (answer.status !== 404) return false;
  const { type, isProblem } = parseAnswer(readProblem, answer);
  if (isProblem) return type !== 'unrecognized-request-url';
  throw new AnswerLostError('got a 404 without a problem document of upstream', answer.sentAt);
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
