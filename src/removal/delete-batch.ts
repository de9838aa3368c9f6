// Deletes each video of a batch independently and reports its outcome; this file sets the order of the steps.
// `decision-table.ts` interprets the evidence, and `witnesses.ts` limits how many deletions may be unproved at a time.

import type { Caller } from '../upstream/caller.ts';
import type { Sent } from '../upstream/upstream-clock.ts';
import { isVideoId } from '../upstream/video-id.ts';
import { type CallerOptions, createCallers } from './create-callers.ts';
import { decideDelete } from './decision-table.ts';
import { FirstDeletions } from './first-deletions.ts';
import { type Look, lookAfterWrite } from './look.ts';
import { lookBefore } from './look-before.ts';
import { toNotSent } from './not-sent.ts';
import { type DeleteOutcome, failed } from './outcomes.ts';
import type { ProbeCall } from './probe.ts';
import { pursue } from './pursue.ts';
import type { RemovalProject } from './removal-project.ts';
import { Witnesses } from './witnesses.ts';

export type DeleteOptions = CallerOptions & {
  /** Whether to send deletions that could not be restored. */
  readonly ifPermanent: 'refuse' | 'allow';
  /** Whether the caller selects fields of the removed videos that only a read can fill. */
  readonly readEach: boolean;
  /** Called once per video, as soon as its outcome is known: the batch may end much later, or be killed. */
  readonly onOutcome?: ((id: string, outcome: DeleteOutcome) => void) | undefined;
  /** Called for each write to the probe video on behalf of this batch. */
  readonly onProbeWrite?: ProbeCall['onWrite'];
};

/**
 * Deletes videos of a project.
 *
 * @param ids - distinct; an id of the wrong form gets INVALID_ID and is never sent.
 * @returns an outcome for every id. It never rejects, whatever upstream does.
 */
export async function deleteBatch(
  project: RemovalProject,
  ids: readonly string[],
  options: DeleteOptions,
): Promise<Map<string, DeleteOutcome>> {
  const batch = new DeleteBatch(project, options);
  await batch.run(ids);
  return batch.outcomes;
}

class DeleteBatch {
  readonly outcomes = new Map<string, DeleteOutcome>();
  readonly #project: RemovalProject;
  readonly #ifPermanent: 'refuse' | 'allow';
  readonly #onOutcome: DeleteOptions['onOutcome'];
  readonly #sender: Caller;
  readonly #checker: Caller;
  readonly #probeCall: ProbeCall;
  readonly #witnesses: Witnesses;
  readonly #firstDeletions: FirstDeletions;
  readonly #seenLive = new Set<string>();
  #lookedAt: number | undefined;

  constructor(project: RemovalProject, options: DeleteOptions) {
    const { ifPermanent, readEach } = options;
    const { sender, checker } = createCallers(project, options, ifPermanent === 'refuse');
    this.#project = project;
    this.#ifPermanent = ifPermanent;
    this.#onOutcome = options.onOutcome;
    this.#sender = sender;
    this.#checker = checker;
    this.#firstDeletions = new FirstDeletions(project, sender);
    this.#probeCall = { write: sender, check: checker, onWrite: options.onProbeWrite };
    this.#witnesses = new Witnesses({
      look: (id, sent, endedAt, onDoubt) =>
        lookAfterWrite(project.videos, id, this.#checker, {
          goal: 'removed',
          answer: 'done',
          sent,
          endedAt,
          onDoubt,
        }),
      videoRestore: project.videoRestore,
      gated: ifPermanent === 'refuse',
      concurrency: project.concurrency,
      readEach,
    });
  }

  async run(ids: readonly string[]): Promise<void> {
    const refuses = this.#ifPermanent === 'refuse';
    let queue: readonly string[] = this.#withoutInvalid(ids);
    if (queue.length === 0) return;
    if (refuses) {
      const refusal = await this.#project.restorability.refusal(this.#probeCall);
      if (refusal) return this.#answerAll(queue, refusal);
    }
    // A second DELETE of a removed video may destroy it. And only a look distinguishes a destroyed video from one
    // that never existed.
    if (!refuses || this.#project.videoRestore.secondDelete !== 'refused')
      queue = await this.#lookBefore(queue);
    if (refuses) queue = await this.#deleteUntilProved(queue);
    await Promise.all(queue.map((id) => this.#delete(id)));
  }

  /** The only place that sets an outcome, and only once it is final: `onOutcome` and the answer must agree. */
  #settle(id: string, outcome: DeleteOutcome): void {
    this.outcomes.set(id, outcome);
    this.#onOutcome?.(id, outcome);
  }

  #answerAll(ids: readonly string[], outcome: DeleteOutcome): void {
    for (const id of ids) this.#settle(id, outcome);
  }

  #withoutInvalid(ids: readonly string[]): readonly string[] {
    this.#answerAll(
      ids.filter((id) => !isVideoId(id)),
      failed('INVALID_ID'),
    );
    return ids.filter(isVideoId);
  }

  /** Settles every id that is not live: removed, absent or unreadable. @returns the live ones. */
  async #lookBefore(ids: readonly string[]): Promise<readonly string[]> {
    this.#lookedAt ??= performance.now();
    const answered = await this.#answersOfLook(ids, false);
    for (const [id, outcome] of answered) this.#settle(id, outcome);
    return ids.filter((id) => !answered.has(id));
  }

  /** The outcomes that a look alone decides. Ids without an entry are live. */
  async #answersOfLook(
    ids: readonly string[],
    holdsLocks: boolean,
  ): Promise<ReadonlyMap<string, DeleteOutcome>> {
    const looks = await lookBefore(this.#project, ids, this.#checker, holdsLocks);
    const answers = new Map<string, DeleteOutcome>();
    for (const id of ids) {
      const seen = looks.get(id);
      if (seen?.kind === 'live') this.#seenLive.add(id);
      else if (seen?.kind === 'removed') answers.set(id, { ...seen, alreadyRemoved: true });
      else answers.set(id, seen?.kind === 'absent' ? failed('NOT_FOUND') : toNotSent(seen?.cause));
    }
    return answers;
  }

  /**
   * Deletes one video at a time until one is proved restorable: if Video Restore was off before the call, that costs
   * one video at most.
   *
   * @returns the ids still to delete.
   */
  async #deleteUntilProved(ids: readonly string[]): Promise<readonly string[]> {
    let queue = ids;
    let cameAt = performance.now();
    // This check and the queueing below run in one synchronous step, so one of several concurrent calls finds the queue
    // free. If the call ahead proves nothing soon, look up the ids: those that are not there to delete need not queue.
    const isBehind = this.#lookedAt === undefined && this.#firstDeletions.isTaken;
    if (isBehind && !(await this.#firstDeletions.isSoonProved(cameAt))) queue = await this.#lookBefore(queue);
    while (queue.length > 0 && !this.#witnesses.proved && !this.#witnesses.stopped) {
      const [id = '', ...rest] = queue;
      await this.#deleteFirst(id, cameAt);
      queue = rest;
      cameAt = performance.now();
      // The fate of that video is unknown: the probe must show whether deletions destroy before the next one is risked.
      if (this.#witnesses.isInDoubt && rest.length > 0) {
        this.#witnesses.settleDoubt(await this.#project.restorability.prove(this.#probeCall));
      }
      // A video that was not there to delete proves nothing, and hundreds more may follow: look them all up at once.
      if (this.#lookedAt === undefined && !this.#witnesses.proved && !this.#witnesses.stopped)
        queue = await this.#lookBefore(rest);
    }
    return queue;
  }

  async #deleteFirst(id: string, cameAt: number): Promise<void> {
    const { restorability, videoRestore } = this.#project;
    const mayGoOn = await this.#firstDeletions.run(cameAt, async () => {
      // An earlier deletion, of this or another call, ended with an unknown effect: probe first.
      if (videoRestore.isInDoubt) this.#witnesses.settleDoubt(await restorability.prove(this.#probeCall));
      await this.#delete(id);
    });
    if (!mayGoOn) this.#witnesses.settleDoubt(false);
    if (!this.outcomes.has(id)) await this.#delete(id);
  }

  async #delete(id: string): Promise<void> {
    const { locks, recentWrites } = this.#project;
    const outcome = await locks.run(id, this.#sender, async () => {
      // If another call wrote to the video since our look, only a new look shows whether this is a second deletion.
      const isStale = this.#lookedAt !== undefined && recentWrites.isSince(id, this.#lookedAt);
      const answered = isStale ? (await this.#answersOfLook([id], true)).get(id) : undefined;
      if (answered) return answered;
      const deleted = await this.#deleteLocked(id);
      recentWrites.note(id, deleted.kind === 'removed' ? 'removed' : undefined);
      return deleted;
    });
    this.#settle(id, outcome ?? failed('NOT_ATTEMPTED'));
  }

  async #deleteLocked(id: string): Promise<DeleteOutcome> {
    const { videos, recentWrites } = this.#project;
    if (!(await this.#witnesses.enter(id))) {
      return failed(this.#witnesses.stopped === 'permanent' ? 'PERMANENT_DELETION_REFUSED' : 'NOT_ATTEMPTED');
    }
    let isWitnessed = false;
    let lastLook: Look | undefined;
    let lost: Sent | undefined;
    const outcome = await pursue<DeleteOutcome>({
      write: async () => {
        const answer = await videos.delete(id, this.#sender);
        if (answer.kind === 'lost') lost = answer;
        return answer;
      },
      look: async (answer, write) => {
        isWitnessed = answer.kind === 'done';
        lastLook =
          answer.kind === 'done'
            ? await this.#witnesses.witness(id, answer)
            : await lookAfterWrite(videos, id, this.#checker, { goal: 'removed', ...write });
        return lastLook;
      },
      decide: (evidence) => decideDelete({ ...evidence, ifPermanent: this.#ifPermanent }),
      mayRepeat: () => this.#mayRepeat(),
      isFresh: recentWrites.latest(id) !== undefined,
      seen: this.#seenLive.has(id) ? 'live' : undefined,
    });
    if (!isWitnessed) this.#witnesses.leave(id, toEffect(outcome, lastLook), lost);
    return outcome;
  }

  /** A lost deletion may still take effect after its retry, and would then be a second DELETE. */
  async #mayRepeat(): Promise<boolean> {
    const { restorability, videoRestore } = this.#project;
    const isHarmless = await restorability.isSecondDeleteHarmless(this.#probeCall);
    // If deletions are permanent, a retry costs nothing more if the caller allowed that, and must not be sent if not.
    if (videoRestore.verdict() === 'permanent') return this.#ifPermanent === 'allow';
    return isHarmless;
  }
}

/** The effect that a deletion without a 204 may have had, as far as it matters to later deletions. */
function toEffect(outcome: DeleteOutcome, lastLook: Look | undefined): 'none' | 'unknown' | 'destroyed' {
  if (outcome.kind !== 'failed' || lastLook?.kind === 'live') return 'none';
  if (outcome.code === 'DESTROYED') return 'destroyed';
  return outcome.code === 'OUTCOME_UNKNOWN' ? 'unknown' : 'none';
}
