// Claims an item right before each attempt to send it. Nothing is sent that was not written down first, and nothing long
// after that: meanwhile another gateway may have taken the operation over.
import type { OperationStore } from './operation-store.ts';

/** How old a claim may be when its write is sent. */
export const CLAIM_HOLDS_MS = 5_000;

export type ClaimGateOptions = {
  readonly store: Pick<OperationStore, 'claim'>;
  readonly seq: number;
  readonly epoch: number;
  readonly leaseMs: number;
  /** The earliest time that upstream's clock can show now, in milliseconds since the epoch. */
  readonly upstreamNow: () => number;
  /** Called once with the error if the store fails: it may have claimed, and nothing more may be claimed with this epoch. */
  readonly onFailure: (error: unknown) => void;
};

type Asking = {
  readonly place: number;
  readonly isSeen: boolean;
  readonly answer: (isClaimed: boolean) => void;
};

export class ClaimGate {
  readonly #options: ClaimGateOptions;
  #asking: Asking[] = [];
  #isFlushing = false;
  #isClosed = false;

  constructor(options: ClaimGateOptions) {
    this.#options = options;
  }

  /** From now on, nothing is claimed. */
  close(): void {
    this.#isClosed = true;
    const asking = this.#asking;
    this.#asking = [];
    for (const { answer } of asking) answer(false);
  }

  /**
   * Claims an item. All that ask while one statement is under way share the next.
   *
   * @param isSeen - whether a look has shown its video in the state that the write changes.
   * @returns whether it may be sent now.
   */
  claim(place: number, isSeen: boolean): Promise<boolean> {
    if (this.#isClosed) return Promise.resolve(false);
    return new Promise((answer) => {
      this.#asking.push({ place, isSeen, answer });
      void this.#flush();
    });
  }

  async #flush(): Promise<void> {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    // The other items of this turn of the event loop have asked then, too.
    await Promise.resolve();
    while (this.#asking.length > 0) {
      const asking = this.#asking;
      this.#asking = [];
      await this.#claimAll(asking);
    }
    this.#isFlushing = false;
  }

  async #claimAll(asking: readonly Asking[]): Promise<void> {
    const { store, seq, epoch, leaseMs, upstreamNow } = this.#options;
    const isFresh = startClocks();
    let claimed: ReadonlySet<number>;
    try {
      const places = asking.map(({ place }) => place);
      const seen = asking.filter(({ isSeen }) => isSeen).map(({ place }) => place);
      claimed = new Set(await store.claim(seq, epoch, places, { sentFrom: upstreamNow(), seen, leaseMs }));
    } catch (error) {
      for (const { answer } of asking) answer(false);
      if (!this.#isClosed) this.#options.onFailure(error);
      this.close();
      return;
    }
    for (const one of asking) {
      if (this.#isClosed || !claimed.has(one.place)) one.answer(false);
      else if (isFresh()) one.answer(true);
      else this.#asking.push(one);
    }
  }
}

/** One clock stands still while the machine is suspended, and the other one may be set. */
function startClocks(): () => boolean {
  const begun = performance.now();
  const begunOnWall = Date.now();
  return () =>
    performance.now() - begun < CLAIM_HOLDS_MS && Math.abs(Date.now() - begunOnWall) < CLAIM_HOLDS_MS;
}
