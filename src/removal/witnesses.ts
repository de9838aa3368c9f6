// Limits the damage if Video Restore is switched off. While deletions are sent, one of them (the witness) is always
// being read back. Only a limited number may be unproved at a time: a single one before the first proof of a call.
//
// While the witnesses of a call agree, each vouches for the deletions answered before it was sent; once two differ,
// every deletion is read itself.
import type { Sent } from '../upstream/upstream-clock.ts';
import { type Look, provesRestorable } from './look.ts';
import type { VideoRestore } from './video-restore.ts';

type Deletion = {
  readonly id: string;
  readonly sent: Sent;
  /** When upstream answered 204, on the clock of `performance.now()`. */
  readonly answeredAt: number;
  readonly settle: (look: Look) => void;
};

export class Witnesses {
  readonly #look: (id: string, sent: Sent, answeredAt: number, onDoubt: () => void) => Promise<Look>;
  readonly #videoRestore: VideoRestore;
  readonly #gated: boolean;
  readonly #concurrency: number;
  readonly #mostUnproved: number;
  readonly #readEach: boolean;
  /** Every admitted deletion that is not proved restorable, with the time of its 204 once that has come. */
  readonly #unproved = new Map<string, { answeredAt: number | undefined }>();
  /** When deletions with an unknown effect ended. They count as unproved, too, until a later deletion is proved. */
  #unknown: number[] = [];
  #answered: Deletion[] = [];
  #sending = 0;
  #reading = 0;
  /** Reads still in progress that showed a video live after its 204: until they end, no witness vouches for others. */
  #doubts = 0;
  /** The state that every witness of this call has shown so far; once two differ, none vouches for others any more. */
  #verdict: 'removed' | 'absent' | 'mixed' | undefined;
  /** The latest send of a witness that agreed with the one before it. */
  #vouchedUntil = Number.NEGATIVE_INFINITY;
  #waiting: (() => void)[] = [];
  #proved = false;
  #stopped: 'permanent' | 'unproved' | undefined;

  constructor(options: {
    /** Reads a video until it shows the effect of its deletion; calls `onDoubt` when a read contradicts the 204. */
    look: (id: string, sent: Sent, answeredAt: number, onDoubt: () => void) => Promise<Look>;
    /** Records every proof, refutation and doubt. */
    videoRestore: VideoRestore;
    /** Whether deletions wait for proof, because the call refuses permanent ones. */
    gated: boolean;
    /** Maximum number of deletions in flight. */
    concurrency: number;
    /** Whether every deletion is read itself, because the caller asks for the videos. */
    readEach: boolean;
  }) {
    this.#look = options.look;
    this.#videoRestore = options.videoRestore;
    this.#gated = options.gated;
    this.#concurrency = options.concurrency;
    this.#mostUnproved = 4 * options.concurrency;
    this.#readEach = options.readEach;
  }

  /** Whether this call has proved one of its deletions restorable. */
  get proved(): boolean {
    return this.#proved;
  }

  /** Why nothing more may be sent: a deletion destroyed its video, or restorability could not be proved. */
  get stopped(): 'permanent' | 'unproved' | undefined {
    return this.#stopped;
  }

  /** Whether a deletion before the first proof ended with an unknown effect, and so may have destroyed its video. */
  get isInDoubt(): boolean {
    return !this.#proved && this.#unknown.length > 0;
  }

  /** Settles the doubt by other evidence: deletions are restorable, or nothing more may be sent. */
  settleDoubt(isRestorable: boolean): void {
    this.#unknown = [];
    if (!isRestorable)
      this.#stopped ??= this.#videoRestore.verdict() === 'permanent' ? 'permanent' : 'unproved';
  }

  /** Waits until one more deletion may be sent. @returns false if none may be sent any more. */
  async enter(id: string): Promise<boolean> {
    this.#sending += 1;
    while (!this.#stopped && this.#isFull()) await new Promise<void>((wake) => this.#waiting.push(wake));
    // Another call may have seen a destroyed video meanwhile.
    if (this.#gated && this.#videoRestore.verdict() === 'permanent') this.#stopped = 'permanent';
    if (this.#stopped) {
      this.#sending -= 1;
      this.#nextWitness();
      return false;
    }
    this.#unproved.set(id, { answeredAt: undefined });
    return true;
  }

  #isFull(): boolean {
    if (!this.#gated) return false;
    if (!this.#proved && this.#unproved.size > 0) return true;
    return this.#unproved.size + this.#unknown.length >= this.#mostUnproved;
  }

  /** An admitted deletion ended without a 204. `lost`: its last send whose answer was lost. */
  leave(id: string, effect: 'none' | 'unknown' | 'destroyed', lost: Sent | undefined): void {
    this.#sending -= 1;
    this.#unproved.delete(id);
    if (effect === 'unknown') this.#countUnknown(performance.now());
    if (effect === 'destroyed' && lost) this.#videoRestore.refuted(lost);
    if (effect === 'destroyed' && this.#gated) this.#stopped = 'permanent';
    this.#wake();
    this.#nextWitness();
  }

  /** Upstream answered a deletion with 204. Resolves with its effect, read or vouched for. */
  witness(id: string, sent: Sent): Promise<Look> {
    const answeredAt = performance.now();
    this.#sending -= 1;
    this.#unproved.set(id, { answeredAt });
    return new Promise((settle) => {
      const deletion = { id, sent, answeredAt, settle };
      // The last deletions of a call are read as soon as they are answered: no later witness will vouch in time.
      const isLast = this.#sending < this.#concurrency;
      if (this.#readEach || isLast) this.#read(deletion);
      else this.#answered.push(deletion);
      this.#nextWitness();
    });
  }

  /** Keeps one of the latest deletions under a read. Once no later one can vouch, reads all that are left. */
  #nextWitness(): void {
    if (this.#reading > 0) return;
    const isOver = this.#sending === 0 || this.#verdict === 'mixed';
    for (const deletion of isOver ? this.#answered.splice(0) : this.#answered.splice(-1))
      this.#read(deletion);
  }

  async #read(deletion: Deletion): Promise<void> {
    let isDoubted = false;
    this.#reading += 1;
    const look = await this.#look(deletion.id, deletion.sent, deletion.answeredAt, () => {
      if (!isDoubted) this.#doubts += 1;
      isDoubted = true;
    }).catch((cause: unknown): Look => ({ kind: 'unavailable', cause }));
    this.#reading -= 1;
    if (isDoubted) this.#doubts -= 1;
    this.#judge(deletion, look);
    deletion.settle(look);
    this.#settleVouched();
    this.#wake();
    this.#nextWitness();
  }

  #judge({ id, sent, answeredAt }: Deletion, look: Look): void {
    if (provesRestorable(look, sent)) {
      this.#proved = true;
      this.#videoRestore.proved(sent);
      this.#unknown = this.#unknown.filter((endedAt) => endedAt > sent.sentAt);
      for (const [other, unproved] of this.#unproved) {
        if (unproved.answeredAt !== undefined && unproved.answeredAt <= sent.sentAt)
          this.#unproved.delete(other);
      }
      this.#agree('removed', sent);
    } else if (look.kind === 'absent') {
      this.#videoRestore.refuted(sent);
      if (this.#gated) this.#stopped = 'permanent';
      this.#agree('absent', sent);
    } else if (look.kind === 'live') {
      // The 204 had no effect, and other 204s may have had none, too.
      this.#verdict = 'mixed';
    } else if (look.kind === 'unavailable') {
      this.#countUnknown(answeredAt);
    }
    this.#unproved.delete(id);
  }

  /** If this witness agrees with the one before it, the deletions between them had the same effect. */
  #agree(kind: 'removed' | 'absent', { sentAt }: Sent): void {
    if (this.#verdict === kind) this.#vouchedUntil = Math.max(this.#vouchedUntil, sentAt);
    this.#verdict = this.#verdict === undefined || this.#verdict === kind ? kind : 'mixed';
  }

  #settleVouched(): void {
    const kind = this.#verdict;
    if (this.#doubts > 0 || (kind !== 'removed' && kind !== 'absent')) return;
    const vouched = this.#answered.filter(({ answeredAt }) => answeredAt <= this.#vouchedUntil);
    if (vouched.length === 0) return;
    this.#answered = this.#answered.filter(({ answeredAt }) => answeredAt > this.#vouchedUntil);
    for (const { settle } of vouched) settle(kind === 'removed' ? { kind, video: undefined } : { kind });
  }

  #countUnknown(endedAt: number): void {
    this.#unknown.push(endedAt);
    this.#videoRestore.doubted(endedAt);
    // All of these may be destroyed: do not risk the rest.
    if (this.#gated && this.#unknown.length >= this.#mostUnproved) this.#stopped ??= 'unproved';
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
