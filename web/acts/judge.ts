// Judges by how videos are now what has come of a call that left it open. Nothing here reads or sends.
import type { Act } from '../words.ts';
import type { Failure } from './outcome.ts';
import type { Noted } from './reports.ts';
import type { States, TrueState } from './true-states.ts';

export type Judgement = {
  /** As the call wanted. By whom, nobody knows. */
  readonly settled: readonly string[];
  readonly failures: readonly Noted[];
};

/** @param at - when the app began to look, in ms since the epoch. */
export function judge(act: Act, open: readonly Noted[], states: States, at: number): Judgement {
  const seen = open.filter(({ videoId }) => states.has(videoId));
  const isSettled = ({ videoId, isPermanentAllowed }: Noted) => {
    const state = states.get(videoId);
    return state === toWanted(act) || (state === 'gone' && isPermanentAllowed);
  };
  const failures = seen
    .filter((noted) => !isSettled(noted))
    .map((noted) => ({ ...noted, ...toSeen(noted.videoId, states.get(noted.videoId)), at }));
  return {
    settled: seen.filter(isSettled).map(({ videoId }) => videoId),
    failures,
  };
}

export const toWanted = (act: Act): TrueState => (act === 'delete' ? 'removed' : 'live');

/** What is known of a video when the answer to its call was lost. */
export const toLost = (videoId: string): Failure => ({
  videoId,
  code: 'NO_ANSWER',
  retryable: false,
  retryAfterSeconds: null,
});

const toSeen = (videoId: string, state: TrueState | undefined): Failure => ({
  videoId,
  code: state === 'gone' ? 'GONE' : 'NOT_DONE',
  retryable: state !== 'gone',
  retryAfterSeconds: null,
});
