// The items of an operation that nobody has claimed, in order.
import type { HeldOperation, OperationStore } from './operation-store.ts';
import type { Work } from './send-items.ts';

export class PendingItems {
  readonly #store: Pick<OperationStore, 'pending'>;
  readonly #held: HeldOperation;
  /** Those before this place are settled, in progress, or left for the next round. */
  #from = 0;
  #mayRemain = true;

  constructor(store: Pick<OperationStore, 'pending'>, held: HeldOperation) {
    this.#store = store;
    this.#held = held;
  }

  get mayRemain(): boolean {
    return this.#mayRemain;
  }

  /** At most `limit` of those that are left. */
  async take(limit: number): Promise<readonly Work[]> {
    const items = await this.#store.pending(this.#held.seq, this.#from, limit);
    const last = items.at(-1);
    if (last) this.#from = last.place + 1;
    else this.#mayRemain = false;
    return items.map((item) => ({ item, earlierSend: undefined }));
  }

  /** Items that were taken are pending again. */
  startAgain(): void {
    this.#from = 0;
    this.#mayRemain = true;
  }

  /** The others are left as they are. */
  end(): void {
    this.#mayRemain = false;
  }
}
