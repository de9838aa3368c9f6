// The invariant of every answer: each distinct id ends with exactly one result, the counts add up, and each result is
// what the sandbox's own state shows. The oracle is the sandbox, never the gateway's own counts.
import { expect } from 'vitest';
import type { Sandbox } from '../../src/sandbox/server.ts';

type State = ReturnType<Sandbox['state']>;

type Result = {
  readonly __typename: string;
  readonly videoId: string;
  readonly code?: string;
  readonly video?: { readonly id: string; readonly removed: boolean } | null;
};

type Payload =
  | {
      readonly results: readonly Result[];
      readonly summary?: {
        readonly requested: number;
        readonly succeeded: number;
        readonly failed: number;
        readonly pending: number;
      };
      readonly userErrors?: readonly unknown[];
    }
  | null
  | undefined;

/** The state that the sandbox must show for each result; `unchanged`: the same as before the call. */
const SHOWS: Readonly<Record<string, State | 'unchanged'>> = {
  VideoRemoved: 'removed',
  VideoDestroyed: 'absent',
  VideoRestored: 'live',
  NOT_FOUND: 'absent',
  DESTROYED: 'absent',
  INVALID_ID: 'unchanged',
  PERMANENT_DELETION_REFUSED: 'unchanged',
  NOT_ATTEMPTED: 'unchanged',
  UPSTREAM_UNAVAILABLE: 'unchanged',
  UPSTREAM_REJECTED: 'unchanged',
  UPSTREAM_UNAUTHORIZED: 'unchanged',
};

/** The true state of each video now, for comparison after a call. */
export function rememberStates(sandbox: Sandbox, ids: readonly string[]): Map<string, State> {
  return new Map(ids.map((id) => [id, sandbox.state(id)]));
}

/**
 * Fails if an answer does not match what happened.
 *
 * @param before - the states when the call began, by distinct id in the order of the call.
 * @param options - `mayBeUnknown`: the ids for which OUTCOME_UNKNOWN is right; by default there are none.
 * @returns the result of each id, in that order: its type, or the code of its failure.
 */
export function assertTrue(
  sandbox: Sandbox,
  before: ReadonlyMap<string, State>,
  payload: Payload,
  { mayBeUnknown = [] }: { mayBeUnknown?: readonly string[] } = {},
): string[] {
  const ids = [...before.keys()];
  const results = payload?.results ?? [];
  expect(payload?.userErrors ?? []).toEqual([]);
  expect(results.map(({ videoId }) => videoId)).toEqual(ids);

  const told = results.map(({ __typename, code }) => code ?? __typename);
  const said = results.map(({ videoId, video }, index) => ({
    videoId,
    told: told[index],
    state: sandbox.state(videoId),
    ...(video ? { video: { id: video.id, removed: video.removed } } : {}),
  }));
  const right = results.map(({ videoId, video }, index) => {
    const as = told[index] ?? '';
    const state = sandbox.state(videoId);
    const shows = as === 'OUTCOME_UNKNOWN' && mayBeUnknown.includes(videoId) ? state : SHOWS[as];
    return {
      videoId,
      told: as,
      state: shows === 'unchanged' ? before.get(videoId) : shows,
      ...(video ? { video: { id: videoId, removed: state === 'removed' } } : {}),
    };
  });
  expect(said).toEqual(right);

  const failed = results.filter(({ __typename }) => __typename === 'VideoFailure').length;
  if (payload?.summary) {
    const { requested, succeeded, failed: summedFailed, pending } = payload.summary;
    expect({ requested, succeeded, failed: summedFailed, pending }).toEqual({
      requested: ids.length,
      succeeded: ids.length - failed,
      failed,
      pending: 0,
    });
  }
  return told;
}
