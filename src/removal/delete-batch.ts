// Deletes videos, each on its own, and answers what became of each: the order of acts for one batch. What the evidence
// means stands in `decision-table.ts`; how many deletions may be unproved at a time, in `witnesses.ts`.
import type { Caller } from '../upstream/governor.ts';
import type { Sent } from '../upstream/upstream-clock.ts';
import { isVideoId } from '../upstream/video-id.ts';
import { decideDelete } from './decision-table.ts';
import { LAG_MS, type Look, lookAfterWrite } from './look.ts';
import { lookBefore } from './look-before.ts';
import { toNotSent } from './not-sent.ts';
import { type DeleteOutcome, failed } from './outcomes.ts';
import { pause } from './pause.ts';
import type { Project } from './project.ts';
import { pursue } from './pursue.ts';
import { Witnesses } from './witnesses.ts';

export type DeleteOptions = {
  /** What to do where a deletion could not be restored. */
  readonly ifPermanent: 'refuse' | 'allow';
  /** Until when deletions are sent, on the clock of `performance.now()`. Settling may take one time-out more. */
  readonly deadline: number;
  readonly signal: AbortSignal;
  /** Whether the caller asks for more of the removed videos than is known without reading them. */
  readonly readEach: boolean;
};

/**
 * Deletes videos of a project.
 *
 * @param ids - distinct; what cannot be an id is answered INVALID_ID and never sent.
 * @returns an outcome for every id. It does not reject, whatever upstream does.
 */
export async function deleteBatch(
  project: Project,
  ids: readonly string[],
  options: DeleteOptions,
): Promise<Map<string, DeleteOutcome>> {
  const batch = new DeleteBatch(project, options);
  await batch.run(ids);
  return batch.outcomes;
}

class DeleteBatch {
  readonly outcomes = new Map<string, DeleteOutcome>();
  readonly #project: Project;
  readonly #ifPermanent: 'refuse' | 'allow';
  readonly #sender: Caller;
  readonly #checker: Caller;
  readonly #witnesses: Witnesses;
  readonly #seenLive = new Set<string>();
  #lookedAt: number | undefined;

  constructor(project: Project, { ifPermanent, deadline, signal, readEach }: DeleteOptions) {
    this.#project = project;
    this.#ifPermanent = ifPermanent;
    // Draining stops the sending; what was sent is still settled.
    this.#sender = {
      deadline,
      signal: AbortSignal.any([signal, project.draining]),
      witnessed: ifPermanent === 'refuse',
    };
    this.#checker = { deadline: deadline + project.timeoutMs, signal };
    this.#witnesses = new Witnesses({
      look: (id, sent, answeredAt) => this.#lookAfterDelete(id, sent, answeredAt),
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
      const refusal = await this.#project.restorability.refusal(this.#sender, this.#checker);
      if (refusal) return this.#answerAll(queue, refusal);
    }
    // A second DELETE of a removed video may destroy it; and only a look tells "destroyed" from "never was".
    if (!refuses || this.#project.videoRestore.secondDelete !== 'refused')
      queue = await this.#lookBefore(queue);
    if (refuses) queue = await this.#deleteUntilProved(queue);
    await Promise.all(queue.map((id) => this.#delete(id)));
  }

  async #lookAfterDelete(id: string, sent: Sent, endedAt: number): Promise<Look> {
    const { videos, videoRestore } = this.#project;
    // Where deletions destroy, nothing is believed before the lag is over: one look then does for two.
    if (videoRestore.lastSeenPermanent) await pause(endedAt + LAG_MS - performance.now(), this.#checker);
    return lookAfterWrite(videos, id, this.#checker, { goal: 'removed', answer: 'done', sent, endedAt });
  }

  #answerAll(ids: readonly string[], outcome: DeleteOutcome): void {
    for (const id of ids) this.outcomes.set(id, outcome);
  }

  #withoutInvalid(ids: readonly string[]): readonly string[] {
    this.#answerAll(
      ids.filter((id) => !isVideoId(id)),
      failed('INVALID_ID'),
    );
    return ids.filter(isVideoId);
  }

  /** Answers the ids that are removed already, or nowhere. @returns the others. */
  async #lookBefore(ids: readonly string[]): Promise<readonly string[]> {
    this.#lookedAt ??= performance.now();
    const looks = await lookBefore(this.#project, ids, this.#checker);
    return ids.filter((id) => {
      const seen = looks.get(id);
      if (seen?.kind === 'live') this.#seenLive.add(id);
      else if (seen?.kind === 'removed') this.outcomes.set(id, { ...seen, alreadyRemoved: true });
      else this.outcomes.set(id, seen?.kind === 'absent' ? failed('NOT_FOUND') : toNotSent(seen?.cause));
      return seen?.kind === 'live';
    });
  }

  /** One at a time, so that a switch-off before the call costs one video at most. @returns what is left to delete. */
  async #deleteUntilProved(ids: readonly string[]): Promise<readonly string[]> {
    let queue = ids;
    while (queue.length > 0 && !this.#witnesses.proved && !this.#witnesses.stopped) {
      const [id = '', ...rest] = queue;
      await this.#delete(id);
      queue = rest;
      // One that was not there to delete proves nothing, and hundreds like it may follow: they are looked up at once.
      if (this.#lookedAt === undefined && !this.#witnesses.proved && !this.#witnesses.stopped)
        queue = await this.#lookBefore(rest);
    }
    return queue;
  }

  async #delete(id: string): Promise<void> {
    const { locks, recentWrites } = this.#project;
    await locks.run(id, async () => {
      // Another call has acted on it since our look: only a new one tells whether this would be a second deletion.
      const isStale = this.#lookedAt !== undefined && recentWrites.isSince(id, this.#lookedAt);
      if (isStale && (await this.#lookBefore([id])).length === 0) return;
      const outcome = await this.#deleteLocked(id);
      recentWrites.note(id, outcome.kind === 'removed' ? 'removed' : undefined);
      this.outcomes.set(id, outcome);
    });
  }

  async #deleteLocked(id: string): Promise<DeleteOutcome> {
    const { videos } = this.#project;
    if (!(await this.#witnesses.enter(id))) {
      return failed(this.#witnesses.stopped === 'permanent' ? 'PERMANENT_DELETION_REFUSED' : 'NOT_ATTEMPTED');
    }
    let isWitnessed = false;
    const outcome = await pursue<DeleteOutcome>({
      write: () => videos.delete(id, this.#sender),
      look: (answer, write) => {
        if (answer.kind !== 'done')
          return lookAfterWrite(videos, id, this.#checker, { goal: 'removed', ...write });
        isWitnessed = true;
        return this.#witnesses.witnessed(id, answer);
      },
      decide: (evidence) => decideDelete({ ...evidence, ifPermanent: this.#ifPermanent }),
      // A lost one may take effect after the one sent again, which is the second DELETE then.
      mayRepeat: () => this.#project.restorability.isSecondDeleteHarmless(this.#sender, this.#checker),
      seen: this.#seenLive.has(id) ? 'live' : undefined,
    });
    if (!isWitnessed) this.#witnesses.leave(id, toEffect(outcome));
    return outcome;
  }
}

/** What a deletion without a 204 may have done to its video, as far as it bears on those after it. */
function toEffect(outcome: DeleteOutcome): 'none' | 'unknown' | 'destroyed' {
  if (outcome.kind !== 'failed') return 'none';
  if (outcome.code === 'DESTROYED') return 'destroyed';
  return outcome.code === 'OUTCOME_UNKNOWN' ? 'unknown' : 'none';
}
