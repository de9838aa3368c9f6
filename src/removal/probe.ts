// Finds out whether deletions can be restored, on a video of the gateway's own: it is deleted, and looked for. The only
// writes that no caller asked for by name; they happen only where a call with REFUSE has no proof to start on.

import type { Caller } from '../upstream/caller.ts';
import { pause } from '../upstream/pause.ts';
import type { Video } from '../upstream/shapes.ts';
import {
  BudgetExhaustedError,
  CancelledError,
  CircuitOpenError,
  UnauthorizedError,
} from '../upstream/upstream-errors.ts';
import type { Videos } from '../upstream/videos.ts';
import type { WriteAnswer } from '../upstream/write-answer.ts';
import { type Look, lookAfterWrite, provesRestorable } from './look.ts';
import { toNotSent } from './not-sent.ts';
import { type Failed, type FailureCode, failed } from './outcomes.ts';
import type { VideoRestore } from './video-restore.ts';

const MAX_ATTEMPTS = 5;
const PAUSE_MS = 150;

const TAG = 'apivideo-graphql-video-restore-probe';
const PROBE_VIDEO = {
  title: 'apivideo-graphql: Video Restore probe',
  description:
    'An empty video that the GraphQL gateway deletes and restores to find out whether Video Restore is on. Safe to delete.',
  public: false,
  tags: [TAG],
} as const;

/** One write of the probe that was sent, and what became of its video by it. */
export type ProbeWrite = {
  readonly act: 'create' | 'restore' | 'delete';
  /** Undefined where upstream's answer to a creation does not tell. */
  readonly videoId: string | undefined;
  readonly outcome: 'created' | 'restored' | 'removed' | 'alreadyRemoved' | 'destroyed' | FailureCode;
};

/** On whose behalf the probe runs. */
export type ProbeCall = {
  /** Who writes, until when. */
  readonly write: Caller;
  /** The same for the reads, with time to settle. */
  readonly check: Caller;
  /** Told of each write once it is known what it did. */
  readonly onWrite?: ((write: ProbeWrite) => void) | undefined;
};

/** Whether deletions can be restored, or why the probe could not find out; then nothing is concluded. */
export type ProbeResult = 'restorable' | 'permanent' | Failed;

/** An attempt that showed nothing. `isHopeless`: another one would end the same way. */
type Unfinished = { readonly failure: Failed; readonly isHopeless: boolean };

/**
 * Deletes the probe video and looks whether it can be restored; writes what it saw into `videoRestore` as well. It does not
 * reject, whatever upstream does.
 */
export async function probe(
  videos: Videos,
  videoRestore: VideoRestore,
  call: ProbeCall,
): Promise<ProbeResult> {
  for (let attempt = 1; ; attempt += 1) {
    const result = await probeOnce(videos, videoRestore, call);
    if (typeof result === 'string') return result;
    // Another gateway may be probing the same video, or an answer was lost: after a while of its own, each goes again.
    if (result.isHopeless || attempt === MAX_ATTEMPTS) return result.failure;
    if (!(await pause(PAUSE_MS * attempt * (1 + Math.random()), call.write))) return result.failure;
  }
}

async function probeOnce(
  videos: Videos,
  videoRestore: VideoRestore,
  call: ProbeCall,
): Promise<'restorable' | 'permanent' | Unfinished> {
  let found: Video | undefined;
  try {
    found = await findProbeVideo(videos, call.check);
  } catch (error) {
    return { failure: toNotSent(error), isHopeless: isHopeless(error) };
  }
  const id = found && !found.removed ? found.id : await bringToLife(videos, found, call);
  if (typeof id !== 'string') return id;

  const answer = await videos.delete(id, call.write);
  if (answer.kind !== 'done') {
    report(call, 'delete', id, answer, undefined);
    return toUnfinished(answer);
  }
  const ended = { goal: 'removed', answer: 'done', sent: answer, endedAt: performance.now() } as const;
  const look = await lookAfterWrite(videos, id, call.check, ended);
  const isNewer = look.kind === 'removed' && (look.video?.removedAt ?? '') !== found?.removedAt;
  const isProof = provesRestorable(look, answer) && isNewer;
  report(call, 'delete', id, answer, isProof ? 'removed' : toDestroyed(look));
  if (look.kind === 'absent') {
    videoRestore.refuted(answer);
    return 'permanent';
  }
  if (!isProof) return UNSEEN;
  videoRestore.proved(answer);

  if (videoRestore.secondDelete === 'unknown') await deleteTwice(videos, videoRestore, id, call);
  return 'restorable';
}

/** What a second DELETE does is unknown until seen: seen here, it is never found out on a caller's video. */
async function deleteTwice(videos: Videos, videoRestore: VideoRestore, id: string, call: ProbeCall) {
  const answer = await videos.delete(id, call.write);
  const look = await lookAfterSecond(videos, id, answer, call.check);
  report(call, 'delete', id, answer, look?.kind === 'removed' ? 'alreadyRemoved' : toDestroyed(look));
  if (look?.kind === 'absent') videoRestore.secondDelete = 'destroys';
  else if (look?.kind === 'removed')
    videoRestore.secondDelete = answer.kind === 'missing' ? 'refused' : 'harmless';
}

async function lookAfterSecond(
  videos: Videos,
  id: string,
  { kind }: WriteAnswer,
  check: Caller,
): Promise<Look | undefined> {
  if (kind !== 'done' && kind !== 'missing') return undefined;
  const endedAt = performance.now();
  // It was removed before, too: until the lag is over, a read may show that though it is gone.
  if (kind === 'done' && !(await pause(videos.lagMs, check))) return undefined;
  return lookAfterWrite(videos, id, check, { goal: 'removed', answer: kind, sent: undefined, endedAt });
}

async function findProbeVideo(videos: Videos, caller: Caller): Promise<Video | undefined> {
  const query = { filter: { tags: [TAG] }, currentPage: 1, pageSize: 100 };
  const [removed, live] = await Promise.all([
    videos.list('removed', query, 'check', caller),
    videos.list('live', query, 'check', caller),
  ]);
  // The tag alone could be on somebody's video; title and tag together are the gateway's.
  return [...removed.videos, ...live.videos].find(({ title }) => title === PROBE_VIDEO.title);
}

/** @returns the id of the probe video, live now. */
async function bringToLife(
  videos: Videos,
  found: Video | undefined,
  call: ProbeCall,
): Promise<string | Unfinished> {
  if (found) {
    const answer = await videos.restore(found.id, call.write);
    const isSeenLive = answer.kind === 'done' && answer.video?.removed === false;
    report(call, 'restore', found.id, answer, isSeenLive ? 'restored' : undefined);
    if (answer.kind === 'done') return found.id;
    if (answer.kind !== 'missing') return toUnfinished(answer);
    // Its 90 days were over: the list lagged. A new one takes its place.
  }
  const answer = await videos.create(PROBE_VIDEO, call.write);
  const created = answer.kind === 'done' ? answer.video : undefined;
  report(call, 'create', created?.id, answer, created && 'created');
  return created?.id ?? toUnfinished(answer);
}

function toDestroyed(look: Look | undefined): 'destroyed' | undefined {
  return look?.kind === 'absent' ? 'destroyed' : undefined;
}

/** @param seen - what was seen to have become of the video; undefined where only the answer is known. */
function report(
  { onWrite }: ProbeCall,
  act: ProbeWrite['act'],
  videoId: string | undefined,
  answer: WriteAnswer,
  seen: ProbeWrite['outcome'] | undefined,
): void {
  const outcome = seen ?? OUTCOME_OF_ANSWER[answer.kind];
  if (outcome) onWrite?.({ act, videoId, outcome });
}

/** What an answer alone says of its video: a 404 no more than that upstream refused. What was not sent did nothing. */
const OUTCOME_OF_ANSWER: Record<WriteAnswer['kind'], FailureCode | undefined> = {
  done: 'OUTCOME_UNKNOWN',
  lost: 'OUTCOME_UNKNOWN',
  missing: 'UPSTREAM_REJECTED',
  rejected: 'UPSTREAM_REJECTED',
  unauthorized: 'UPSTREAM_UNAUTHORIZED',
  withheld: undefined,
  unreachable: undefined,
};

/** The probe video was not seen to be removed, by whomever. */
const UNSEEN: Unfinished = { failure: failed('UPSTREAM_UNAVAILABLE'), isHopeless: false };

/** A probe either ran as planned or proves nothing. */
function toUnfinished(answer: WriteAnswer): Unfinished {
  if (answer.kind === 'withheld')
    return { failure: failed('NOT_ATTEMPTED', answer.retryAfterSeconds), isHopeless: true };
  if (answer.kind === 'unauthorized') return { failure: failed('UPSTREAM_UNAUTHORIZED'), isHopeless: true };
  return UNSEEN;
}

function isHopeless(error: unknown): boolean {
  return (
    error instanceof BudgetExhaustedError ||
    error instanceof CancelledError ||
    error instanceof CircuitOpenError ||
    error instanceof UnauthorizedError
  );
}
