// The items that earlier holders of an operation had claimed. They are taken over once whatever was sent of them must have
// ended, measured by this gateway's clock alone.
import { OPEN_MS } from '../search/recent-writes.ts';
import { CLAIM_HOLDS_MS } from './claim-gate.ts';
import type { HeldOperation, OperationStore } from './operation-store.ts';
import type { Work } from './send-items.ts';

export class Orphans {
  readonly #store: Pick<OperationStore, 'hasOrphans' | 'adopt'>;
  readonly #held: HeldOperation;
  readonly #begunAt = performance.now();
  #mayRemain: boolean;
  #isLookedFor = false;

  constructor(store: Pick<OperationStore, 'hasOrphans' | 'adopt'>, held: HeldOperation) {
    this.#store = store;
    this.#held = held;
    // The first holder finds nothing that another one has claimed.
    this.#mayRemain = held.epoch > 1;
  }

  get mayRemain(): boolean {
    return this.#mayRemain;
  }

  /** Looks for them once: with none, nothing has to be waited for. What has another holder is claimed by that one no more. */
  async exist(): Promise<boolean> {
    if (this.#mayRemain && !this.#isLookedFor) {
      this.#mayRemain = await this.#store.hasOrphans(this.#held.seq, this.#held.epoch);
      this.#isLookedFor = true;
    }
    return this.#mayRemain;
  }

  /**
   * When they may be taken, on the clock of `performance.now()`.
   *
   * @param timeoutMs - how long a request to upstream takes at most.
   */
  takenAt(timeoutMs: number): number {
    return this.#begunAt + CLAIM_HOLDS_MS + timeoutMs;
  }

  /**
   * At most `limit` of those that are left.
   *
   * @param timeoutMs - as for `takenAt`.
   */
  async take(limit: number, timeoutMs: number): Promise<readonly Work[]> {
    const items = await this.#store.adopt(this.#held.seq, this.#held.epoch, limit);
    if (items.length === 0) this.#mayRemain = false;
    const endedAt = performance.now();
    return items.map((item) => ({
      item,
      earlierSend: {
        sentAt: this.#begunAt,
        upstreamSentAt: item.sentFrom ?? 0,
        isSeen: item.isSeen,
        endedAt,
        effectBy: item.claimedAt === null ? undefined : item.claimedAt + CLAIM_HOLDS_MS + timeoutMs + OPEN_MS,
      },
    }));
  }
}
