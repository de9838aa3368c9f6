// Finds out whether deletions can be restored: deletes a video of the gateway's own and looks for it. These are the
// only writes that no caller asked for by name. They happen only if a call needs proof: that deletions are restorable,
// or that deleting twice is harmless.

import type { Look } from '../search/look.ts';
import type { Caller } from '../upstream/caller.ts';
import { pause } from '../upstream/pause.ts';
import type { Refusal } from '../upstream/refusal.ts';
import type { Video } from '../upstream/shapes.ts';
import { CircuitOpenError, isOfCaller } from '../upstream/upstream-errors.ts';
import type { Videos } from '../upstream/videos.ts';
import { toRefusal, type WriteAnswer } from '../upstream/write-answer.ts';
import { lookAfterWrite } from './look-after-write.ts';
import { toFailure, toNotSent } from './not-sent.ts';
import { type Failed, type FailureCode, failed } from './outcomes.ts';
import { provesRestorable } from './removal-date.ts';
import type { RiskWindow } from './risk-window.ts';
import type { VideoRestore } from './video-restore.ts';

const MAX_ATTEMPTS = 5;
const PAUSE_MS = 150;
/** Two removals this far apart have different dates. */
const NEXT_SECOND_MS = 1_100;

const TAG = 'apivideo-graphql-video-restore-probe';
/** Title and tag together identify it. */
export const PROBE_VIDEO = {
  title: 'apivideo-graphql: Video Restore probe',
  description:
    'An empty video that the GraphQL gateway deletes and restores to find out whether Video Restore is on. Safe to delete.',
  public: false,
  tags: [TAG],
} as const;

/** One write that the probe sent, and its effect on the probe video. */
export type ProbeWrite = {
  readonly act: 'create' | 'restore' | 'delete';
  /** Undefined if upstream's answer to a creation does not show it. */
  readonly videoId: string | undefined;
  readonly outcome: 'created' | 'restored' | 'removed' | 'alreadyRemoved' | 'destroyed' | FailureCode;
  /** The refusal or failure that it was answered with. */
  readonly refusal?: Refusal | undefined;
};

/** The callers that a probe acts for. */
export type ProbeCall = {
  /** For the writes. */
  readonly write: Caller;
  /** For the reads before them, and for waiting. */
  readonly look: Caller;
  /** For the reads that verify them, even if the client disconnects. */
  readonly check: Caller;
  /** Called for each write once its outcome is settled. */
  readonly onWrite?: ((write: ProbeWrite) => void) | undefined;
};

/** Whether deletions can be restored, or why the probe could not find out; a failure proves neither. */
export type ProbeResult = 'restorable' | 'permanent' | Failed;

/** `isOfCall`: it failed because its call ran out of time, lost its client or has bad credentials. */
export type ProbeEnd = { readonly result: ProbeResult; readonly isOfCall: boolean };

/** An attempt that proved nothing. `isHopeless`: another attempt would end the same way. */
type Unfinished = { readonly failure: Failed; readonly isHopeless: boolean };

/**
 * Deletes the probe video, looks whether it can be restored, and records the result. It never
 * rejects, whatever upstream does.
 */
export async function probe(
  videos: Videos,
  riskWindow: RiskWindow,
  videoRestore: VideoRestore,
  call: ProbeCall,
): Promise<ProbeEnd> {
  for (let attempt = 1; ; attempt += 1) {
    const result = await probeOnce(videos, riskWindow, videoRestore, call);
    if (typeof result === 'string') return { result, isOfCall: false };
    const { failure, isHopeless } = result;
    const isLast = isHopeless || attempt === MAX_ATTEMPTS;
    if (isLast) return { result: failure, isOfCall: CODES_OF_CALL.has(failure.code) || isOver(call.write) };
    // Another gateway may be probing the same video, or an answer was lost: retry after a random pause, so that they
    // part.
    const hasTime = await pause(PAUSE_MS * attempt * (1 + Math.random()), call.write);
    if (!hasTime) return { result: failure, isOfCall: true };
  }
}

/** What the look for the probe video or a write ends with if its caller has no budget in time, or bad credentials. */
const CODES_OF_CALL: ReadonlySet<FailureCode> = new Set(['NOT_ATTEMPTED', 'UPSTREAM_UNAUTHORIZED']);

/** Whether a probe that begins now for this caller could send nothing. */
export function isOver({ deadline, signal }: Caller): boolean {
  return performance.now() >= deadline || signal?.aborted === true;
}

async function probeOnce(
  videos: Videos,
  riskWindow: RiskWindow,
  videoRestore: VideoRestore,
  call: ProbeCall,
): Promise<'restorable' | 'permanent' | Unfinished> {
  let found: Video | undefined;
  try {
    found = await findProbeVideo(videos, call.look);
  } catch (error) {
    return { failure: toNotSent(error), isHopeless: isOfCaller(error) || error instanceof CircuitOpenError };
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
    riskWindow.refute(answer, true);
    return 'permanent';
  }
  if (!isProof) return UNSEEN;
  riskWindow.prove(answer);

  if (videoRestore.secondDelete === 'unknown' && look.kind === 'removed')
    await deleteTwice(videos, videoRestore, look.video, call);
  return 'restorable';
}

/**
 * Deletes the removed probe video again, to see the effect of a second DELETE here and not on a caller's video. Another gateway
 * may restore the video in between, so that this was no second DELETE. Then its removal has another date, but dates are whole
 * seconds: only a DELETE in a later second than the last shows that repeating one is harmless.
 */
async function deleteTwice(videos: Videos, videoRestore: VideoRestore, before: Video, call: ProbeCall) {
  const { id, removedAt } = before;
  for (const isLater of [false, true]) {
    if (isLater && !(await pause(NEXT_SECOND_MS, call.check))) return;
    const answer = await videos.delete(id, call.write);
    const look = await lookAfterSecond(videos, id, answer, call.check);
    report(call, 'delete', id, answer, look?.kind === 'removed' ? 'alreadyRemoved' : toDestroyed(look));
    if (look?.kind === 'absent') videoRestore.secondDelete = 'destroys';
    if (look?.kind !== 'removed' || look.video.removedAt !== removedAt) return;
    if (answer.kind === 'missing') videoRestore.secondDelete = 'refused';
    else if (isLater) videoRestore.secondDelete = 'harmless';
    if (videoRestore.secondDelete !== 'unknown') return;
  }
}

async function lookAfterSecond(
  videos: Videos,
  id: string,
  { kind }: WriteAnswer,
  check: Caller,
): Promise<Look | undefined> {
  if (kind !== 'done' && kind !== 'missing') return undefined;
  const endedAt = performance.now();
  // The video was removed before this DELETE, too: until the lag is over, a read may show that even if it is gone. A 404
  // may come from that as well: another gateway may have deleted the same video twice.
  if (!(await pause(videos.lagMs, check))) return undefined;
  return lookAfterWrite(videos, id, check, { goal: 'removed', answer: kind, sent: undefined, endedAt });
}

async function findProbeVideo(videos: Videos, caller: Caller): Promise<Video | undefined> {
  const query = { filter: { tags: [TAG] }, currentPage: 1, pageSize: 100 };
  const [removed, live] = await Promise.all([
    videos.list('removed', query, 'check', caller),
    videos.list('live', query, 'check', caller),
  ]);
  return [...removed.videos, ...live.videos].find(isProbeVideo);
}

/** Somebody else's video may carry the tag, or the title. Nothing is written to a video that does not have both. */
export function isProbeVideo({ title, tags }: Pick<Video, 'title' | 'tags'>): boolean {
  return title === PROBE_VIDEO.title && tags.includes(TAG);
}

/** @returns the id of the probe video, now live. */
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
    // The list lagged: upstream deleted the video after its 90 days. Create a new one.
  }
  const answer = await videos.create(PROBE_VIDEO, call.write);
  const shown = answer.kind === 'done' ? answer.video : undefined;
  // Whatever the answer shows: only the gateway's own video may be deleted.
  const created = shown && isProbeVideo(shown) ? shown : undefined;
  report(call, 'create', created?.id, answer, created && 'created');
  return created?.id ?? toUnfinished(answer);
}

function toDestroyed(look: Look | undefined): 'destroyed' | undefined {
  return look?.kind === 'absent' ? 'destroyed' : undefined;
}

/** @param seen - the outcome that was observed; undefined if only the answer is known. */
function report(
  { onWrite }: ProbeCall,
  act: ProbeWrite['act'],
  videoId: string | undefined,
  answer: WriteAnswer,
  seen: ProbeWrite['outcome'] | undefined,
): void {
  const outcome = seen ?? OUTCOME_OF_ANSWER[answer.kind];
  if (outcome) onWrite?.({ act, videoId, outcome, refusal: toRefusal(answer) });
}

/** What an answer alone proves about its video; a 404 proves only that upstream refused. Unsent writes did nothing. */
const OUTCOME_OF_ANSWER: Record<WriteAnswer['kind'], FailureCode | undefined> = {
  done: 'OUTCOME_UNKNOWN',
  lost: 'OUTCOME_UNKNOWN',
  missing: 'UPSTREAM_REJECTED',
  rejected: 'UPSTREAM_REJECTED',
  unauthorized: 'UPSTREAM_UNAUTHORIZED',
  withheld: undefined,
  held: undefined,
  unreachable: undefined,
  unprepared: undefined,
};

/** Nothing shows that this probe's own deletion removed the video. */
const UNSEEN: Unfinished = { failure: failed('UPSTREAM_UNAVAILABLE'), isHopeless: false };

/** A probe that did not run as planned proves nothing. */
function toUnfinished(answer: WriteAnswer): Unfinished {
  if (answer.kind === 'withheld' || answer.kind === 'unauthorized')
    return { failure: toFailure(answer), isHopeless: true };
  return UNSEEN;
}
