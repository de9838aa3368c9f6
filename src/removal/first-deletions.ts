// Concurrent calls of a project share one first deletion: one call deletes and verifies a video, the others wait. So
// together they risk no more than one call does.

import { type Caller, GRACE_MS } from '../upstream/caller.ts';
import type { RemovalProject } from './removal-project.ts';

/** A healthy upstream shows the effect of a deletion within this time. */
const SOON_MS = 1_000;

/** One call's place in that queue. Times are on the clock of `performance.now()`. */
export class FirstDeletions {
  readonly #project: RemovalProject;
  readonly #sender: Caller;

  constructor(project: RemovalProject, sender: Caller) {
    this.#project = project;
    this.#sender = sender;
  }

  /** Whether another call's first deletion is under way and this call's budget lets it wait. */
  get isTaken(): boolean {
    return this.#project.firstDeletion.isHeld && !this.#isOutOfBudget();
  }

  /**
   * Waits for the calls ahead, until `SOON_MS` after `cameAt`.
   *
   * @returns whether deletions are proved restorable since `cameAt`.
   */
  async isSoonProved(cameAt: number): Promise<boolean> {
    const { firstDeletion, videoRestore } = this.#project;
    await firstDeletion.run({ ...this.#sender, deadline: cameAt + SOON_MS }, async () => {});
    return videoRestore.isProvedSince(cameAt);
  }

  /**
   * Runs a first deletion in its turn, unless another one has proved deletions restorable since `cameAt`.
   *
   * @returns false if the call's time ran out before its turn: the effect of a deletion is still unknown.
   */
  async run(cameAt: number, act: () => Promise<void>): Promise<boolean> {
    // The budget allows no write in time: the governor refuses it at once and reports when to retry.
    if (this.#isOutOfBudget()) return true;
    const { firstDeletion, videoRestore } = this.#project;
    // Requests within the budget may go out this long after the deadline, even after a wait for another call.
    const patience = { ...this.#sender, deadline: this.#sender.deadline + GRACE_MS };
    const isTurn = await firstDeletion.run(patience, async () => {
      if (!videoRestore.isProvedSince(cameAt)) await act();
      return true;
    });
    return isTurn === true;
  }

  #isOutOfBudget(): boolean {
    const { remaining, resetsInMs = 0 } = this.#project.governor.budget('write');
    return remaining === 0 && performance.now() + resetsInMs > this.#sender.deadline;
  }
}
