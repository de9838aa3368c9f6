// Records the outcomes of items, some at a time. If the store fails, it keeps them and tries again.
import { setTimeout as wait } from 'node:timers/promises';
import type { OperationStore, Settled } from './operation-store.ts';

/** An outcome is recorded this late at most, so that many are recorded at once. */
const GATHER_MS = 150;
const MOST_AT_ONCE = 500;
const RETRY_MS = 500;

export class Settler {
  readonly #store: Pick<OperationStore, 'settle'>;
  readonly #seq: number;
  readonly #epoch: number;
  readonly #onFailure: (error: unknown) => void;
  readonly #isGivenUp: () => boolean;
  #kept: Settled[] = [];
  #work: Promise<void> | undefined;
  #isLost = false;

  /**
   * @param options - `onFailure`: called when the store begins to fail. `isGivenUp`: asked after each failure, whether
   *   there is no sense in another attempt.
   */
  constructor(
    store: Pick<OperationStore, 'settle'>,
    { seq, epoch }: { readonly seq: number; readonly epoch: number },
    options: { readonly onFailure: (error: unknown) => void; readonly isGivenUp: () => boolean },
  ) {
    this.#store = store;
    this.#seq = seq;
    this.#epoch = epoch;
    this.#onFailure = options.onFailure;
    this.#isGivenUp = options.isGivenUp;
  }

  /** Whether nothing more of this run counts: the next holder looks by itself at what is not recorded. */
  get isLost(): boolean {
    return this.#isLost;
  }

  add(settled: Settled): void {
    if (this.#isLost) return;
    this.#kept.push(settled);
    this.#work ??= this.#record().finally(() => {
      this.#work = undefined;
    });
  }

  /** Resolves once everything that was added is recorded, or counts no more. */
  async end(): Promise<void> {
    while (this.#work) await this.#work;
  }

  async #record(): Promise<void> {
    await wait(GATHER_MS);
    let hasFailed = false;
    while (this.#kept.length > 0 && !this.#isLost) {
      const some = this.#kept.slice(0, MOST_AT_ONCE);
      try {
        this.#isLost = !(await this.#store.settle(this.#seq, this.#epoch, some));
        this.#kept.splice(0, some.length);
        hasFailed = false;
      } catch (error) {
        if (!hasFailed) this.#onFailure(error);
        hasFailed = true;
        this.#isLost = this.#isGivenUp();
        if (!this.#isLost) await wait(RETRY_MS);
      }
    }
  }
}
