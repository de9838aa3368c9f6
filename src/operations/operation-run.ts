// Works on one operation whose lease this gateway holds, until it is finished, or somebody else has it. What was not sent
// stays pending; what may have been sent is looked at before anything is sent again.

import { failed } from '../removal/outcomes.ts';
import { LONGEST_BACKOFF_MS } from './backoff.ts';
import { ClaimGate } from './claim-gate.ts';
import { Entry } from './entry.ts';
import {
  isPendingAgain,
  isUnauthorized,
  isUnchanged,
  NO_DATES,
  toItemOutcome,
  toRemovalDates,
  type VideoOutcome,
} from './item-outcome.ts';
import type { ItemOutcome } from './operation.ts';
import type { HeldOperation } from './operation-store.ts';
import { Orphans } from './orphans.ts';
import { Patience } from './patience.ts';
import { PendingItems } from './pending-items.ts';
import { type Entered, type OperationRunParts, type RunEnd, toUpstreamNow } from './run-parts.ts';
import { mayActLater, sendItems, toEarlierSend, type Work } from './send-items.ts';
import { Settler } from './settler.ts';
import { Signalled } from './signalled.ts';
import { Undecided } from './undecided.ts';

export class OperationRun {
  readonly #held: HeldOperation;
  readonly #parts: OperationRunParts;
  readonly #gate: ClaimGate;
  readonly #settler: Settler;
  readonly #stop = new AbortController();
  readonly #changes = new Signalled();
  readonly #orphans: Orphans;
  readonly #pending: PendingItems;
  readonly #patience = new Patience();
  readonly #entry: Entry;
  #isCancelled: boolean;
  #inProgress = 0;
  readonly #undecided = new Undecided();
  #isUncertain = false;

  constructor(held: HeldOperation, parts: OperationRunParts) {
    const { seq, epoch, status } = held;
    const { store, leaseMs } = parts;
    this.#held = held;
    this.#parts = parts;
    this.#entry = new Entry(held, parts.enter);
    this.#isCancelled = status === 'cancelled';
    this.#pending = new PendingItems(store, held);
    if (this.#isCancelled) this.#pending.end();
    this.#orphans = new Orphans(store, held);
    this.#gate = new ClaimGate({
      store,
      seq,
      epoch,
      leaseMs,
      upstreamNow: () => toUpstreamNow(this.#entry.current),
      onFailure: (error) => this.#fail(error),
    });
    this.#settler = new Settler(store, held, {
      onFailure: parts.onFailure,
      isGivenUp: parts.isStoreGivenUp,
    });
  }

  /** Sends nothing more. What was sent is settled. */
  stop(): void {
    // A second change would wake the loop that calls this, again and again.
    if (this.#stop.signal.aborted) return;
    this.#gate.close();
    this.#stop.abort();
    this.#changes.note();
  }

  /** The operation was cancelled: nothing more is claimed, but what may have been sent is looked at. */
  cancel(): void {
    this.#gate.close();
    // Those that wait for the rate limit would put off the end.
    if (!this.#isCancelled) this.#entry.withdraw();
    this.#isCancelled = true;
    this.#undecided.hurry();
    this.#pending.end();
    this.#changes.note();
  }

  /** It never rejects. */
  async run(): Promise<RunEnd> {
    for (;;) {
      this.#changes.reset();
      const end = await this.#advance().catch((error: unknown) => {
        this.#fail(error);
        return undefined;
      });
      if (end) return end;
      await this.#changes.next(this.#nextMoment());
    }
  }

  async #advance(): Promise<RunEnd | undefined> {
    if (this.#settler.isLost) this.stop();
    if (!this.#stop.signal.aborted) await this.#begin();
    if (this.#inProgress > 0) return undefined;
    if (this.#stop.signal.aborted) {
      await this.#settler.end();
      if (this.#settler.isLost) return { kind: 'lost' };
      return { kind: this.#isUncertain ? 'uncertain' : 'stopped' };
    }
    if (this.#pending.mayRemain || this.#orphans.mayRemain || this.#undecided.mayRemain) return undefined;
    return this.#finish();
  }

  async #finish(): Promise<RunEnd | undefined> {
    await this.#settler.end();
    if (this.#settler.isLost) return { kind: 'lost' };
    const operation = await this.#parts.store.finish(this.#held.seq, this.#held.epoch);
    if (operation) return { kind: 'finished', operation };
    // Some items are pending again; or another gateway has it, which the next renewal shows.
    if (!this.#isCancelled) this.#pending.startAgain();
    this.#patience.pause();
    return undefined;
  }

  /** Begins whatever can be begun now. */
  async #begin(): Promise<void> {
    const { isPaused } = this.#patience;
    if (!this.#entry.isKnown && !isPaused) await this.#enter();
    if (!this.#entry.isKnown) return;
    await this.#adopt();
    if (isPaused && !this.#entry.isRefused) return;
    this.#send(this.#undecided.take(this.#parts.slice()));
    if (this.#pending.mayRemain && this.#inProgress <= this.#parts.slice() / 2)
      this.#send(await this.#pending.take(this.#parts.slice()));
  }

  async #enter(): Promise<void> {
    try {
      await this.#entry.enter(this.#stop.signal);
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      this.#parts.onFailure(error);
      this.#patience.pause();
    }
  }

  async #adopt(): Promise<void> {
    if (!(await this.#orphans.exist()) || performance.now() < this.#adoptsAt) return;
    if (this.#inProgress > this.#parts.slice() / 2) return;
    this.#send(await this.#orphans.take(this.#parts.slice(), this.#timeoutMs));
  }

  #send(works: readonly Work[]): void {
    if (works.length === 0) return;
    const entered = this.#entry.current;
    if (!this.#entry.isKnown) {
      // It was withdrawn meanwhile. What is pending comes with the next round.
      for (const work of works) if (work.earlierSend) this.#undecided.add(work);
      return;
    }
    if (!entered) {
      for (const work of works)
        this.#end(work, failed(work.earlierSend ? 'OUTCOME_UNKNOWN' : 'UPSTREAM_UNAUTHORIZED'), undefined);
      this.#changes.note();
      return;
    }
    let open = works.length;
    this.#inProgress += open;
    const end = (ended: number) => {
      open -= ended;
      this.#inProgress -= ended;
      this.#changes.note();
    };
    sendItems(this.#held, works, {
      ...entered,
      signal: AbortSignal.any([this.#stop.signal, entered.sending.signal]),
      maySendAgain: () => !this.#isCancelled,
      claim: (work, isSeen) => this.#claim(work, isSeen, entered),
      onOutcome: (work, outcome) => {
        this.#note(work, outcome, entered);
        end(1);
      },
      onProbeWrite: this.#parts.onProbeWrite(this.#held, entered),
    })
      .catch((error: unknown) => this.#fail(error))
      .finally(() => end(open));
  }

  async #claim(work: Work, isSeen: boolean, entered: Entered): Promise<boolean> {
    const sent = { sentAt: performance.now(), upstreamSentAt: toUpstreamNow(entered) };
    if (!(await this.#gate.claim(work.item.place, isSeen))) return false;
    work.sent = { ...sent, ...work.sent, isSeen: isSeen || work.sent?.isSeen === true };
    return true;
  }

  #note(work: Work, outcome: VideoOutcome, entered: Entered): void {
    const earlierSend = toEarlierSend(work);
    const onlyWaits = isUnchanged(outcome) && mayActLater(this.#held, work);
    const state = { isCancelled: this.#isCancelled, isStopping: this.#stop.signal.aborted, onlyWaits };
    if (earlierSend && this.#patience.allowsAnother(work.item.place, outcome, state)) {
      this.#undecided.add({ item: work.item, earlierSend }, onlyWaits ? this.#patience.looksAt : undefined);
      if (!onlyWaits) this.#patience.pause();
      return;
    }
    const isRefused = isUnauthorized(outcome);
    if (isRefused) this.#entry.refuse(entered);
    const isPending = isRefused ? !entered.areCredentialsFinal : isPendingAgain(outcome) && !earlierSend;
    if (isPending) {
      this.#settle(work, null, entered);
      this.#patience.pause();
      return;
    }
    this.#patience.noteEnd(work.item.place, outcome.kind === 'failed' ? undefined : work.sent?.sentAt);
    this.#end(work, outcome, entered);
  }

  #end(work: Work, outcome: VideoOutcome, entered: Entered | undefined): void {
    this.#settle(work, toItemOutcome(outcome), entered, toRemovalDates(outcome));
    this.#parts.onOutcome(this.#held, work.item.videoId, outcome, entered);
  }

  #settle({ item }: Work, outcome: ItemOutcome | null, entered?: Entered, dates = NO_DATES): void {
    const endedBy = entered ? toUpstreamNow(entered) : null;
    this.#settler.add({ place: item.place, outcome, ...dates, endedBy });
  }

  /** What became of some items is not known, so they must be adopted like those of another gateway. */
  #fail(error: unknown): void {
    this.#parts.onFailure(error);
    this.#isUncertain = true;
    this.stop();
  }

  get #adoptsAt(): number {
    return this.#orphans.takenAt(this.#timeoutMs);
  }

  get #timeoutMs(): number {
    return this.#entry.current?.project.timeoutMs ?? 0;
  }

  /** When time alone changes something. */
  #nextMoment(): number {
    const now = performance.now();
    const moments = [this.#patience.resumesAt, this.#undecided.nextAt];
    if (this.#orphans.mayRemain) moments.push(this.#adoptsAt);
    return Math.min(...moments.filter((at) => at > now), now + LONGEST_BACKOFF_MS);
  }
}
