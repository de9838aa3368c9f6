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
  readonly #look: (id: string, sent: Sent, answeredAt: number) => Promise<Look>;
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
  /** What every witness of this call has shown so far; once two differ, none vouches for others any more. */
  #verdict: 'removed' | 'absent' | 'mixed' | undefined;
  #waiting: (() => void)[] = [];
  #proved = false;
  #stopped: 'permanent' | 'unproved' | undefined;

  constructor(options: {
    /** Reads a video until it shows what its deletion, answered at that time, did. */
    look: (id: string, sent: Sent, answeredAt: number) => Promise<Look>;
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

  /** Waits until one more deletion may be sent; false where none may any more. */
  async enter(id: string): Promise<boolean> {
    this.#sending += 1;
    while (!this.#stopped && this.#isFull()) {
      await new Promise<void>((wake) => this.#waiting.push(wake));
    }
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

  /** A deletion that was let in has ended otherwise than by a 204. */
  leave(id: string, effect: 'none' | 'unknown' | 'destroyed'): void {
    this.#sending -= 1;
    this.#unproved.delete(id);
    if (effect === 'unknown') this.#unknown.push(performance.now());
    if (effect === 'destroyed') this.#stopped = 'permanent';
    // So many without a word may all have been destroyed: the rest is not risked.
    else if (this.#gated && this.#unknown.length >= this.#mostUnproved) this.#stopped ??= 'unproved';
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
    this.#reading += 1;
    const look = await this.#look(deletion.id, deletion.sent, deletion.answeredAt);
    this.#reading -= 1;
    this.#judge(deletion, look);
    deletion.settle(look);
    this.#nextWitness();
  }

  #judge({ id, sent }: Deletion, look: Look): void {
    if (provesRestorable(look, sent)) {
      this.#proved = true;
      this.#videoRestore.proved(sent);
      this.#unproved.delete(id);
      this.#unknown = this.#unknown.filter((endedAt) => endedAt > sent.sentAt);
      for (const [other, { answeredAt }] of this.#unproved) {
        if (answeredAt !== undefined && answeredAt <= sent.sentAt) this.#unproved.delete(other);
      }
      this.#vouch('removed', sent);
    } else if (look.kind === 'absent') {
      this.#videoRestore.refuted(sent);
      if (this.#gated) this.#stopped = 'permanent';
      this.#vouch('absent', sent);
    } else if (look.kind === 'removed') {
      // Removed before our send: it cost nothing, and proves nothing.
      this.#unproved.delete(id);
    } else if (this.#gated) {
      this.#stopped ??= 'unproved';
    }
    this.#wake();
  }

  /** What this deletion did, those before it back to the witness before did too, if that one agrees. */
  #vouch(kind: 'removed' | 'absent', { sentAt }: Sent): void {
    const agrees = this.#verdict === kind;
    this.#verdict = this.#verdict === undefined || agrees ? kind : 'mixed';
    if (!agrees) return;
    const covered = this.#answered.filter(({ answeredAt }) => answeredAt <= sentAt);
    if (covered.length === 0) return;
    this.#answered = this.#answered.filter(({ answeredAt }) => answeredAt > sentAt);
    for (const { settle } of covered) settle(kind === 'removed' ? { kind, video: undefined } : { kind });
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
