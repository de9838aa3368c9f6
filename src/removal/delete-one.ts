// Deletes one video of a batch: whether it may be sent, the look before, the deletion itself, and what it proves.
// `pursue.ts` repeats it where `decision-table.ts` says so.

import type { Look } from '../search/look.ts';
import type { RecentWrite } from '../search/recent-writes.ts';
import type { Gate } from '../upstream/caller.ts';
import type { Sent } from '../upstream/upstream-clock.ts';
import { HeldBackError } from '../upstream/upstream-errors.ts';
import type { WriteAnswer } from '../upstream/write-answer.ts';
import { SEARCH_NEEDED, type SearchNeeded } from './batch.ts';
import { type BeforeSend, confirmSend } from './before-send.ts';
import { type Callers, isTakenBack } from './create-callers.ts';
import { decideDelete, type Evidence, type Verdict } from './decision-table.ts';
import { type EndedWrite, lookAfterWrite } from './look-after-write.ts';
import { LookBefore, type LookBeforeCall } from './look-before.ts';
import { type DeleteOutcome, type Failed, failed, notAttempted } from './outcomes.ts';
import { type EarlierSend, isPast, type Pursuit, pursue, type Step } from './pursue.ts';
import { TOLERANCE_MS } from './removal-date.ts';
import type { RemovalProject } from './removal-project.ts';
import type { Risk } from './risk-window.ts';
import { type AcknowledgedDeletion, witness } from './witness.ts';

/** What the deletions of one batch share. */
export type DeleteCall = Callers &
  LookBeforeCall & {
    readonly beforeSend?: BeforeSend | undefined;
    readonly earlierSends?: ReadonlyMap<string, EarlierSend> | undefined;
  };

/** Two acts that end within this time of each other cannot be told apart by the time of a removal. */
const RECENT_MS = TOLERANCE_MS + 1_000;

/** Whatever a deletion did, reads that are answered show it within two lags, and a little. */
const UNDECIDED_LAGS = 4;

/**
 * Deletes a video. The caller holds its lock. It never rejects.
 *
 * @param look - what a search has shown of it; undefined if nothing is known. Only then may the result be `SEARCH_NEEDED`.
 */
export async function deleteOne(
  project: RemovalProject,
  id: string,
  call: DeleteCall,
  look: Look | undefined,
): Promise<DeleteOutcome | SearchNeeded> {
  const deletion = new Deletion(project, id, call, look);
  let outcome: DeleteOutcome | SearchNeeded;
  try {
    outcome = await pursue<DeleteOutcome | SearchNeeded>(deletion);
  } catch (fault) {
    project.onFault(fault);
    outcome = deletion.mayHaveActed ? failed('OUTCOME_UNKNOWN') : notAttempted('fault');
  }
  deletion.end(outcome);
  return outcome;
}

const SEARCH = { kind: 'ended', outcome: SEARCH_NEEDED } as const;

class Deletion implements Pursuit<DeleteOutcome | SearchNeeded>, Gate, Risk {
  readonly #project: RemovalProject;
  readonly #id: string;
  readonly #call: DeleteCall;
  /** Whether nothing is known of the video, so that a search tells what upstream's 404 means. */
  readonly #isUnknown: boolean;
  /** Only deletions with REFUSE wait for proof. */
  readonly #isGated: boolean;
  /** Our last act on the video, if it is so recent that reads may not show it yet. */
  readonly #earlier: RecentWrite | undefined;
  readonly earlierSend: EarlierSend | undefined;
  #isSent = false;
  #doubtTimer: NodeJS.Timeout | undefined;
  #endedAt: number | undefined;
  readonly #lookBefore: LookBefore;
  /** The last send that may have had an effect. */
  #sent: Sent | undefined;
  /** Why nothing more may be sent after an earlier send that cannot take effect any more. */
  #refusal: Failed | undefined;
  /** Whether upstream keeps showing the video live after its 204. */
  #isContradicted = false;
  readonly upstreamNow = () => this.#project.videos.now().upstreamSentAt;

  constructor(project: RemovalProject, id: string, call: DeleteCall, look: Look | undefined) {
    this.#project = project;
    this.#id = id;
    this.#call = call;
    this.#isGated = call.ifPermanent === 'refuse';
    this.#earlier = project.recentWrites.since(id, performance.now() - project.videos.lagMs - RECENT_MS);
    this.#lookBefore = new LookBefore(project, id, call, look, this.#earlier);
    this.#isUnknown = look === undefined && this.#earlier === undefined;
    this.earlierSend = call.earlierSends?.get(id);
    if (this.earlierSend) this.#resume(this.earlierSend);
  }

  /** It may have destroyed its video, like each one whose answer was lost. */
  #resume(sent: EarlierSend): void {
    this.enter();
    this.#isSent = true;
    this.#sent = sent;
    this.#endedAt = sent.endedAt;
    this.#limitDoubt();
  }

  get isOpen(): boolean {
    const { riskWindow } = this.#project;
    return !this.#isGated || riskWindow.has(this) || riskWindow.hasRoom;
  }

  get readsNeeded(): number {
    const { riskWindow } = this.#project;
    return this.#isGated ? riskWindow.unproved + (riskWindow.has(this) ? 0 : 1) : 0;
  }

  get isRefused(): boolean {
    const { riskWindow } = this.#project;
    return this.#isGated && !riskWindow.has(this) && riskWindow.isStopped;
  }

  enter(): void {
    // While it is sent, no probe can be sent after its end: that would be for nothing, again and again.
    clearTimeout(this.#doubtTimer);
    this.#endedAt = undefined;
    if (this.#isGated) this.#project.riskWindow.enter(this);
  }

  leave(): void {
    this.#endedAt = performance.now();
    // An earlier send may have had its effect.
    if (this.#sent) this.#limitDoubt();
    else {
      this.#isSent = false;
      this.#project.riskWindow.leave(this);
    }
  }

  async beforeSend(): Promise<void> {
    // It keeps its place meanwhile, so that no more of these looks than sends are under way.
    if (this.#lookBefore.isNeeded) await this.#lookBefore.repeat();
    const isSeen = this.earlierSend?.isSeen === true || this.#lookBefore.hasJustSeenLive;
    await confirmSend(this.#id, this.#call.beforeSend, isSeen);
    if (this.#lookBefore.isNeeded || !this.#isStillAllowed) throw new HeldBackError();
    this.#isSent = true;
  }

  /** Getting a token, the look and the hook take time. */
  get #isStillAllowed(): boolean {
    const { riskWindow } = this.#project;
    if (!this.#isGated || this.#sent) return true;
    return !riskWindow.isStopped && riskWindow.unproved <= riskWindow.limit;
  }

  get isSent(): boolean {
    return this.#isSent;
  }

  get endedAt(): number | undefined {
    return this.#endedAt;
  }

  get mayHaveActed(): boolean {
    return this.#sent !== undefined || this.#isSent;
  }

  get earlierActAt(): number | undefined {
    return this.#earlier?.at;
  }

  get seen(): 'live' | undefined {
    return this.#lookBefore.hasSeenLive || this.earlierSend?.isSeen ? 'live' : undefined;
  }

  decide(evidence: Evidence): Verdict<DeleteOutcome | SearchNeeded> {
    const deleteProvesLive = this.#project.videoRestore.secondDelete === 'refused';
    const { ifPermanent } = this.#call;
    return decideDelete({ ...evidence, ifPermanent, deleteProvesLive, refusal: this.#refusal });
  }

  async mayRepeat(): Promise<boolean> {
    return this.#call.maySendAgain() && (isPast(this.earlierSend, this.#sent) || this.#call.mayRepeat());
  }

  async write(): Promise<Step<DeleteOutcome | SearchNeeded>> {
    const { sender, writeFirst, takenBack } = this.#call;
    for (;;) {
      if (this.#isUnknown && !this.#sent && takenBack.signal.aborted) return SEARCH;
      if (!this.#project.mayWrite()) return { kind: 'ended', outcome: notAttempted('log') };
      const refusal = this.#isGated ? await this.#call.refusal() : undefined;
      if (isPast(this.earlierSend, this.#sent)) this.#refusal = refusal;
      const outcome = refusal ?? (this.#lookBefore.isNeeded ? await this.#lookBefore.run() : undefined);
      if (outcome) return { kind: 'ended', outcome };
      // A repeat may be in the window already: in the lane of the call, it would wait behind those that are not.
      const caller = this.#sent ? { ...sender } : this.#isUnknown ? writeFirst : sender;
      const answer = await this.#project.videos.delete(this.#id, caller, this);
      this.#endedAt = performance.now();
      // It may have been repeated on its way: if the video was just live, a 404 may be the answer to the second one.
      const isDoubtful = answer.kind === 'missing' && this.#lookBefore.hasSeenLive;
      if (answer.kind === 'done' || answer.kind === 'lost' || isDoubtful) {
        this.#sent = answer;
        this.#limitDoubt();
      }
      // It had no effect, so it holds up no other deletion.
      else this.leave();
      const isFirst = this.#isUnknown && !this.#sent;
      if (isFirst && (answer.kind === 'missing' || isTakenBack(answer, this.#call))) return SEARCH;
      if (answer.kind !== 'held') return answer;
    }
  }

  async look(answer: WriteAnswer, write: Omit<EndedWrite, 'goal'>): Promise<Look> {
    const { videos, riskWindow } = this.#project;
    const { checker } = this.#call;
    const look =
      answer.kind === 'done'
        ? await witness(videos, this.#id, riskWindow, this.#acknowledged(answer), checker)
        : await lookAfterWrite(videos, this.#id, checker, { goal: 'removed', ...write });
    this.#lookBefore.note(look);
    this.#isContradicted = answer.kind === 'done' && look.kind === 'live';
    return look;
  }

  /** If reads do not answer, the other deletions of the project wait no longer: a probe decides for them. */
  #limitDoubt(): void {
    clearTimeout(this.#doubtTimer);
    const { riskWindow, videos } = this.#project;
    this.#doubtTimer = setTimeout(() => riskWindow.leaveUnknown(this), UNDECIDED_LAGS * videos.lagMs);
  }

  /** Call this with the outcome: what it proves counts for all deletions of the project. */
  end(outcome: DeleteOutcome | SearchNeeded): void {
    clearTimeout(this.#doubtTimer);
    const { riskWindow, recentWrites } = this.#project;
    if (!this.mayHaveActed) {
      riskWindow.leave(this);
      return;
    }
    recentWrites.note(this.#id, outcome.kind === 'removed' ? 'removed' : undefined, 'delete');
    const code = outcome.kind === 'failed' ? outcome.code : outcome.kind;
    // Before its place is free for another.
    if (this.#sent && (code === 'destroyed' || code === 'DESTROYED')) riskWindow.refute(this.#sent);
    // A video that is live this long after its 204 is not destroyed. After a lost answer it may still be.
    if (code === 'OUTCOME_UNKNOWN' && !this.#isContradicted) riskWindow.leaveUnknown(this);
    else riskWindow.leave(this);
  }

  #acknowledged(sent: Sent): AcknowledgedDeletion {
    const endedAt = this.#endedAt ?? performance.now();
    return { risk: this, sent, endedAt, earlierActAt: this.#earlier?.at };
  }
}
