import { FAILURES } from '../errors.ts';
import type { VideoFailure } from '../generated/resolvers.ts';
import type { Failed } from '../removal/outcomes.ts';

/** A failed outcome as the result type that clients see. */
export function toVideoFailure(
  videoId: string,
  { code, retryAfterSeconds }: Failed,
): VideoFailure & { __typename: 'VideoFailure' } {
  return {
    __typename: 'VideoFailure',
    videoId,
    code,
    ...FAILURES[code],
    retryAfterSeconds: retryAfterSeconds ?? null,
  };
}
