// Whether anybody else uses the budget of the project: every request that upstream counts has a number within the
// window, and numbers that are not ours are others'. They are assumed at first.

/** So many requests of ours, with no number missing between them, and we are alone. */
const ALONE_AFTER = 10;

/** Before anything is known: so many gateways that none of them starts too fast. */
const ASSUMED_SHARE = 0.2;

export class OtherClients {
  #alone = false;
  #share = ASSUMED_SHARE;
  /** Seen in this window: whoever it was may come again before it ends. */
  #others = false;
  /** The first number that would be ours if we were alone. */
  #from: number | undefined;
  #highest = 0;
  #ours = 0;
  /** Requests of ours whose number nobody told. */
  #untold = 0;
  /** What was known at some moment: judged once all that was in flight then has ended. */
  #mark: { readonly at: number; readonly highest: number; ours: number; open: number } | undefined;

  /** Whether all recent use of the budget was ours. */
  get alone(): boolean {
    return this.#alone;
  }

  /** Which part of the use of the budget was ours, when last judged. */
  get share(): number {
    return this.#share;
  }

  newWindow(): void {
    this.#others = false;
    this.#from = 1;
    this.#highest = 0;
    this.#ours = 0;
    this.#untold = 0;
    this.#mark = undefined;
  }

  /** Somebody else has used what we counted on. */
  crowded(): void {
    this.#others = true;
    this.#alone = false;
  }

  /** A request of ours may have been counted, and nobody told as which number. */
  lost(): void {
    this.#untold += 1;
  }

  /** Upstream counted a request of ours as this number of the window. */
  counted(number: number): void {
    this.#ours += 1;
    this.#from ??= number;
    this.#highest = Math.max(this.#highest, number);
  }

  /** A request of ours ended, after all that it told. `inFlight`: those that are still open. */
  ended(sentAt: number, number: number | undefined, now: number, inFlight: number): void {
    if (this.#mark && sentAt <= this.#mark.at) {
      this.#mark.open -= 1;
      if (number !== undefined && number <= this.#mark.highest) this.#mark.ours += 1;
    }
    // With none open, everything is known.
    if (inFlight === 0) this.#mark = undefined;
    this.#mark ??= { at: now, highest: this.#highest, ours: this.#ours, open: inFlight };
    if (this.#mark.open <= 0) this.#judge(this.#mark);
  }

  #judge({ highest, ours }: { highest: number; ours: number }): void {
    this.#mark = undefined;
    if (this.#from === undefined) return;
    const all = highest - this.#from + 1;
    if (all > 0) this.#share = ours / all;
    if (all > ours + this.#untold) this.crowded();
    else if (ours >= ALONE_AFTER && !this.#others) this.#alone = true;
  }
}
