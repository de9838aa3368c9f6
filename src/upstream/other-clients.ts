// Detects whether other clients use the project's budget. Upstream numbers the requests that it counts in a window:
// numbers that are not ours belong to others. Until proved otherwise, there are others.

/** After this many requests of ours without a missing number, we are alone. */
const ALONE_AFTER = 10;

/** Our share before anything is known: low enough that none of several gateways starts too fast. */
const ASSUMED_SHARE = 0.2;

export class OtherClients {
  #alone = false;
  #share = ASSUMED_SHARE;
  /** Whether others were seen in this window: they may come back before it ends. */
  #others = false;
  /** The first number that would be ours if we were alone. */
  #from: number | undefined;
  #highest = 0;
  #ours = 0;
  /** Requests of ours whose number upstream did not report. */
  #untold = 0;
  /** A snapshot, judged once every request in flight at that moment has ended. */
  #mark: { readonly at: number; readonly highest: number; ours: number; open: number } | undefined;

  /** Whether all recent use of the budget was ours. */
  get alone(): boolean {
    return this.#alone;
  }

  /** Our share of the budget's use, when last judged. */
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

  /** Another client has used budget that we counted on. */
  crowded(): void {
    this.#others = true;
    this.#alone = false;
  }

  /** Upstream may have counted a request of ours, but did not report its number. */
  lost(): void {
    this.#untold += 1;
  }

  /** Upstream counted a request of ours as this number of the window. */
  counted(number: number): void {
    this.#ours += 1;
    this.#from ??= number;
    this.#highest = Math.max(this.#highest, number);
  }

  /** A request of ours ended; call this after `counted` or `lost`. `inFlight`: how many of ours are still open. */
  ended(sentAt: number, number: number | undefined, now: number, inFlight: number): void {
    if (this.#mark && sentAt <= this.#mark.at) {
      this.#mark.open -= 1;
      if (number !== undefined && number <= this.#mark.highest) this.#mark.ours += 1;
    }
    // With no request open, every number is known.
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
