// Bounds what a switch-off of Video Restore can cost: while deletions are sent, one of them is always being read back
// (the witness), and only so many may be unproved at a time. Before the first proof of a call that is a single one.
//
// As long as the witnesses of a call agree, each vouches for the deletions answered before it was sent; once two differ,
// every deletion is read itself.
import type { Sent } from '../upstream/upstream-clock.ts';
import { type Look, provesRestorable } from './look.ts';
import type { VideoRestore } from './video-restore.ts';

type Deletion = {
  readonly id: string;
  readonly sent: Sent;
  /** When it was answered 204, on the clock of `performance.now()`. */
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
  /** Every deletion that was let in and is not proved restorable, with the time of its 204 once it has come. */
  readonly #unproved = new Map<string, { answeredAt: number | undefined }>();
  /** When deletions ended of which nobody knows what they did: unproved, too, until a later one is proved. */
  #unknown: number[] = [];
  #answered: Deletion[] = [];
  #sending = 0;
  #reading = 0;
  /** Reads that have shown a video live after its 204 and go on: until they end, nobody vouches for anybody. */
  #doubts = 0;
  /** What every witness of this call has shown so far; once two differ, none vouches for others any more. */
  #verdict: 'removed' | 'absent' | 'mixed' | undefined;
  /** The latest send of a witness that agreed with one before it. */
  #vouchedUntil = Number.NEGATIVE_INFINITY;
  #waiting: (() => void)[] = [];
  #proved = false;
  #stopped: 'permanent' | 'unproved' | undefined;

  constructor(options: {
    /** Reads a video until it shows what its deletion, answered at that time, did; tells where it first shows otherwise. */
    look: (id: string, sent: Sent, answeredAt: number, onDoubt: () => void) => Promise<Look>;
    /** Learns of every proof and refutation. */
    videoRestore: VideoRestore;
    /** Whether deletions wait for proof, because the call refuses permanent ones. */
    gated: boolean;
    /** Deletions on their way to upstream at once. */
    concurrency: number;
    /** Every deletion is read itself, because the caller asks for the videos. */
    readEach: boolean;
  }) {
    this.#look = options.look;
    this.#videoRestore = options.videoRestore;
    this.#gated = options.gated;
    this.#concurrency = options.concurrency;
    this.#mostUnproved = 4 * options.concurrency;
    this.#readEach = options.readEach;
  }

  /** Whether this call has seen one of its deletions to be restorable. */
  get proved(): boolean {
    return this.#proved;
  }

  /** Why nothing more may be sent: a deletion has destroyed its video, or one could not be seen to be restorable. */
  get stopped(): 'permanent' | 'unproved' | undefined {
    return this.#stopped;
  }

  /** Whether a deletion before the first proof may have destroyed its video for all that is known. */
  get isInDoubt(): boolean {
    return !this.#proved && this.#unknown.length > 0;
  }

  /** The doubt was settled by other means: removing is restorable, or nothing more may be sent. */
  settleDoubt(isRestorable: boolean): void {
    this.#unknown = [];
    if (!isRestorable)
      this.#stopped ??= this.#videoRestore.verdict() === 'permanent' ? 'permanent' : 'unproved';
  }

  /** Waits until one more deletion may be sent; false where none may any more. */
  async enter(id: string): Promise<boolean> {
    this.#sending += 1;
    while (!this.#stopped && this.#isFull()) await new Promise<void>((wake) => this.#waiting.push(wake));
    // Another call may have seen it meanwhile.
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

  /** A deletion that was let in has ended otherwise than by a 204. `lost`: the last of its sends without an answer. */
  leave(id: string, effect: 'none' | 'unknown' | 'destroyed', lost: Sent | undefined): void {
    this.#sending -= 1;
    this.#unproved.delete(id);
    if (effect === 'unknown') this.#countUnknown(performance.now());
    if (effect === 'destroyed' && lost) this.#videoRestore.refuted(lost);
    if (effect === 'destroyed' && this.#gated) this.#stopped = 'permanent';
    this.#wake();
    this.#nextWitness();
  }

  /** A deletion was answered 204. Resolves with what it did, read or vouched for. */
  witnessed(id: string, sent: Sent): Promise<Look> {
    const answeredAt = performance.now();
    this.#sending -= 1;
    this.#unproved.set(id, { answeredAt });
    return new Promise((settle) => {
      const deletion = { id, sent, answeredAt, settle };
      // The last ones of a call are read as they are answered: no later one will vouch for them in time.
      const isLast = this.#sending < this.#concurrency;
      if (this.#readEach || isLast) this.#read(deletion);
      else this.#answered.push(deletion);
      this.#nextWitness();
    });
  }

  /** Keeps one of the latest deletions under a read; once nothing more will come to vouch, reads what is left. */
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
      // The 204 did nothing, and others may have done nothing too.
      this.#verdict = 'mixed';
    } else if (look.kind === 'unavailable') {
      this.#countUnknown(answeredAt);
    }
    this.#unproved.delete(id);
  }

  /** What this deletion did, those before it back to the witness before did too, if that one agrees. */
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
    // So many may all have been destroyed: the rest is not risked.
    if (this.#gated && this.#unknown.length >= this.#mostUnproved) this.#stopped ??= 'unproved';
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
