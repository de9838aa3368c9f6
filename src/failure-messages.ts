// The messages of results that failed: what happened to the video, and what to do.
import type { Failed, FailureCode, NotAttemptedReason } from './removal/outcomes.ts';
import { isTransient, type Refusal } from './upstream/refusal.ts';

/** What a message says: what happened, and what to do if it is not known when a retry is worthwhile. */
export type Text = { readonly happened: string; readonly advice?: string };

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
  CHANGED_SINCE: {
    happened:
      'Somebody else has removed this video since the operation that is undone had removed it, so the undo left it alone.',
    advice: 'To restore it all the same, use restoreVideos.',
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
  if (!reason) return { message: toText(text, retryable ? retryAfterSeconds : undefined), retryable };
  const happened = UNCHANGED + REASONS[reason].happened;
  return { message: toText({ ...REASONS[reason], happened }, retryAfterSeconds), retryable };
}

function toRejectedText(refusal: Refusal) {
  const { title } = refusal;
  const retryable = isTransient(refusal);
  const reason = title === undefined ? '.' : `: ${title}${/[.!?…]$/.test(title) ? '' : '.'}`;
  const happened = `api.video rejected the request for this video${reason} The video is unchanged.`;
  return { message: retryable ? `${happened} Retry later.` : happened, retryable };
}

/** The whole message: what happened, and what to do. */
export function toText({ happened, advice }: Text, retryAfterSeconds: number | undefined): string {
  if (retryAfterSeconds === undefined) return advice === undefined ? happened : `${happened} ${advice}`;
  return `${happened} Retry in ${retryAfterSeconds} ${retryAfterSeconds === 1 ? 'second' : 'seconds'}.`;
}
