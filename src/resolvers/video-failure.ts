import { toFailureText } from '../failure-messages.ts';
import type { VideoFailure } from '../generated/resolvers.ts';
import type { Failed } from '../removal/outcomes.ts';

/** A failed outcome as the result type that clients see. */
export function toVideoFailure(
  videoId: string,
  failure: Failed,
): VideoFailure & { __typename: 'VideoFailure' } {
  const { code, retryAfterSeconds = null } = failure;
  const { message, retryable } = toFailureText(failure);
  return {
    __typename: 'VideoFailure',
    videoId,
    code,
    message,
    retryable,
    retryAfterSeconds: retryable ? retryAfterSeconds : null,
  };
}
