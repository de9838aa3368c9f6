// Which videos of a call are worth sending again, and when. It sends nothing, and starts no timer.

/** A result of a call, of the shipped documents or of an app's own, as far as this needs it. */
export type CallResult = {
  readonly videoId: string;
  readonly retryable?: boolean | undefined;
  readonly retryAfterSeconds?: number | null | undefined;
};

export type Retry = {
  /** The videos that the same call may succeed for later, in the order of the results. Never empty. */
  readonly ids: string[];
  /** How long to wait first: the longest wait that a result names. 0 if none names one. */
  readonly afterSeconds: number;
};

/**
 * Undefined if there is nothing to send again. Results of several calls can be given one after another: for each video, its
 * last result counts.
 */
export function retryLater(results: readonly CallResult[] | null | undefined): Retry | undefined {
  const latest = new Map((results ?? []).map((result) => [result.videoId, result]));
  const retryable = [...latest.values()].filter((result) => result.retryable === true);
  if (retryable.length === 0) return undefined;
  return {
    ids: retryable.map(({ videoId }) => videoId),
    afterSeconds: retryable.reduce((longest, each) => Math.max(longest, each.retryAfterSeconds ?? 0), 0),
  };
}
