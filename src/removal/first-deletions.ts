// The first deletions of calls, which nothing of their own vouches for: in a project they go one at a time, so that many
// calls at the same moment risk no more than one does.

import { type Caller, GRACE_MS } from '../upstream/caller.ts';
import type { RemovalProject } from './removal-project.ts';

/** A healthy upstream shows in that time what a deletion did. */
const SOON_MS = 1_000;

/** One call's place among them. Times are those of `performance.now()`. */
export class FirstDeletions {
  readonly #project: RemovalProject;
  readonly #sender: Caller;

  constructor(project: RemovalProject, sender: Caller) {
    this.#project = project;
    this.#sender = sender;
  }

  /** Whether another call is at it, and can be waited for. */
  get isTaken(): boolean {
    return this.#project.firstDeletion.isHeld && !this.#isOutOfBudget();
  }

  /** Whether who is ahead soon shows that deletions are restorable. */
  async isSoonProved(cameAt: number): Promise<boolean> {
    const { firstDeletion, videoRestore } = this.#project;
    await firstDeletion.run({ ...this.#sender, deadline: cameAt + SOON_MS }, async () => {});
    return videoRestore.isProvedSince(cameAt);
  }

  /**
   * Runs a first deletion in its turn, unless one of another call has shown since the call came what it would show.
   *
   * @returns false where the call's time was over before its turn: nobody knows what a deletion would do.
   */
  async run(cameAt: number, act: () => Promise<void>): Promise<boolean> {
    // Nothing of it can be sent in its time, and the governor says at once when to ask again.
    if (this.#isOutOfBudget()) return true;
    const { firstDeletion, videoRestore } = this.#project;
    // So long what the budget allows may go out, also where it waits for another call.
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
