// Deletes each video of a batch independently and reports its outcome. This file is about the batch as a whole: which of
// its ids need no deletion, and why no more may be sent. `batch.ts` has their order; `delete-one.ts` is about one video.

import { forEachOf, MOST_IN_PROGRESS } from '../upstream/for-each-of.ts';
import { isVideoId } from '../upstream/video-id.ts';
import { isSearchNeeded, runBatch } from './batch.ts';
import type { BeforeSend } from './before-send.ts';
import { type CallerOptions, createCallers } from './create-callers.ts';
import { type DeleteCall, deleteOne } from './delete-one.ts';
import { isOutdated, toOutcomeUnsent } from './look-before.ts';
import { toWaitOver } from './not-sent.ts';
import { noteOutcome } from './note-outcome.ts';
import { type DeleteOutcome, type Failed, failed, notAttempted, UNDECIDED } from './outcomes.ts';
import type { ProbeCall } from './probe.ts';
import type { RemovalProject } from './removal-project.ts';

export type DeleteOptions = CallerOptions & {
  /** Whether to send deletions that could not be restored. */
  readonly ifPermanent: 'refuse' | 'allow';
  readonly beforeSend?: BeforeSend | undefined;
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
  readonly #options: DeleteOptions;
  readonly #call: DeleteCall;
  readonly #probeCall: ProbeCall;
  /** Why nothing more of this batch may be sent. */
  #refusal: Failed | undefined;
  #checking: Promise<Failed | undefined> | undefined;

  constructor(project: RemovalProject, options: DeleteOptions) {
    const callers = createCallers(project, options);
    this.#project = project;
    this.#options = options;
    this.#probeCall = {
      // Not in the lane of the deletions, which may wait for the probe.
      write: { ...callers.sender },
      look: callers.looker,
      check: callers.checker,
      onWrite: options.onProbeWrite,
    };
    this.#call = {
      ...callers,
      ifPermanent: options.ifPermanent,
      refusal: () => this.#check(),
      mayRepeat: () => this.#mayRepeat(),
      begunAt: performance.now(),
      beforeSend: options.beforeSend,
      earlierSends: options.earlierSends,
    };
  }

  async run(ids: readonly string[]): Promise<void> {
    const { absences } = this.#project;
    const { earlierSends } = this.#options;
    const resumed = ids.filter((id) => earlierSends?.has(id));
    const sendable = ids.filter((id) => !earlierSends?.has(id) && !this.#settleAtOnce(id));
    const gone = sendable.filter((id) => absences.has(id));
    const others = sendable.filter((id) => !absences.has(id));
    await Promise.all([this.#resume(resumed), this.#act(gone), this.#actIfAllowed(others)]);
  }

  /** They may have been sent, so what became of them comes before all else. */
  async #resume(ids: readonly string[]): Promise<void> {
    await forEachOf(ids, MOST_IN_PROGRESS, async (id) => {
      const { locks } = this.#project;
      const outcome = await locks.run(id, this.#call.sender, () =>
        deleteOne(this.#project, id, this.#call, undefined),
      );
      this.#settle(id, outcome && !isSearchNeeded(outcome) ? outcome : UNDECIDED);
    });
  }

  async #actIfAllowed(ids: readonly string[]): Promise<void> {
    const refusal = ids.length > 0 && this.#isGated ? await this.#check() : undefined;
    if (!refusal) return this.#act(ids);
    for (const id of ids) this.#settle(id, refusal);
  }

  async #act(ids: readonly string[]): Promise<void> {
    const { locks, videoRestore } = this.#project;
    await runBatch<DeleteOutcome>(this.#project, ids, {
      goal: 'live',
      // Only a look distinguishes a destroyed video from one that never was, and a first DELETE from a second one.
      looksFirst: !this.#isGated || !videoRestore.isSecondDeleteHarmless,
      callers: this.#call,
      act: async (id, look) => {
        // Where there is no video to act on, nothing has to be allowed.
        const isVideo = look?.kind === 'live' || look?.kind === 'removed';
        const isCurrent = look && !isOutdated(look, id, this.#call.begunAt, this.#project);
        const unsent = isCurrent && !isVideo ? toOutcomeUnsent(look) : undefined;
        if (unsent) return unsent;
        const outcome = locks.run(id, this.#call.sender, () =>
          deleteOne(this.#project, id, this.#call, look),
        );
        return (await outcome) ?? toWaitOver(this.#call.sender, 'otherCall');
      },
      onOutcome: (id, outcome) => this.#settle(id, outcome),
    });
  }

  get #isGated(): boolean {
    return this.#call.ifPermanent === 'refuse';
  }

  /** The only place that sets an outcome, and only once it is final: `onOutcome` and the answer must agree. */
  #settle(id: string, outcome: DeleteOutcome): void {
    this.outcomes.set(id, outcome);
    noteOutcome(this.#project, id, outcome, this.#options);
    this.#options.onOutcome?.(id, outcome);
  }

  #settleAtOnce(id: string): boolean {
    if (!isVideoId(id)) this.#settle(id, failed('INVALID_ID'));
    else if (!this.#project.mayWrite()) this.#settle(id, notAttempted('log'));
    return this.outcomes.has(id);
  }

  /** Once a check refuses, nothing more of the batch is sent. All its videos share one check at a time. */
  async #check(): Promise<Failed | undefined> {
    if (this.#refusal) return this.#refusal;
    // A probe could not send its writes either.
    if (!this.#project.mayWrite()) return notAttempted('log');
    this.#checking ??= this.#project.restorability.refusal(this.#probeCall).finally(() => {
      this.#checking = undefined;
    });
    this.#refusal ??= await this.#checking;
    return this.#refusal;
  }

  /** A lost deletion may still take effect after its retry, and would then be a second DELETE. */
  async #mayRepeat(): Promise<boolean> {
    const { restorability, videoRestore } = this.#project;
    if (!this.#isGated) return videoRestore.isSecondDeleteHarmless;
    const isHarmless = await restorability.isSecondDeleteHarmless(this.#probeCall);
    return isHarmless && videoRestore.verdict() !== 'permanent';
  }
}
