// Stops asking an upstream that fails everybody, and notices when it is back. A few failures in a row raise the doubt; a
// cheap read of our own, never a caller's write, decides. While that read fails, callers are refused before anything of
// theirs is sent; once it works, they come back a few at a time.
//
// Failures of one and the same video count once: that may be the video, and the others shall finish.

import type { Caller, RequestKind } from './caller.ts';
import { endsInTime } from './ends-in-time.ts';
import type { Governor } from './governor.ts';
import type { HttpRequest, Transport } from './transport.ts';
import { AnswerLostError, CircuitOpenError, NotSentError } from './upstream-errors.ts';

/** Failures in a row, without an answer between them, that raise the doubt. */
const DOUBTED_AFTER = 5;
/** A connection may just have died under the first one. */
const PROBE_ATTEMPTS = 2;
/** From a probe that failed until the next one, doubling each time. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;
/** The same for reads that are evidence of what was sent: so soon would they have been repeated anyway. */
const CHECK_PAUSE_MS = 100;
/** How long a request waits for what a probe shows, where upstream does not answer at all. */
const PATIENCE_MS = 1_000;
/** Requests at once when upstream is back; each that is answered lets one more go. */
const FIRST_SLOTS = 2;

export class Breaker {
  readonly #governor: Pick<Governor, 'slots'>;
  readonly #onChange: (isOpen: boolean) => void;
  readonly #allSlots: number;
  /** What has failed since the last answer: ids of videos, and whatever else failed as itself. */
  readonly #failing = new Set<unknown>();
  #probing: Promise<boolean> | undefined;
  #probedAt = Number.NEGATIVE_INFINITY;
  #pauseMs = FIRST_PAUSE_MS;
  /** Whether a probe has confirmed the doubt. */
  #isConfirmed = false;

  /** @param onChange - told when upstream is found to fail everybody, and when it is back. */
  constructor(governor: Pick<Governor, 'slots'>, onChange: (isOpen: boolean) => void = () => {}) {
    this.#governor = governor;
    this.#onChange = onChange;
    this.#allSlots = governor.slots;
  }

  /** Whether nothing but probes may be sent now. */
  get isOpen(): boolean {
    return this.#failing.size >= DOUBTED_AFTER;
  }

  /** An transport whose every answer, and every failure, is noted. */
  watch(transport: Transport): Transport {
    return {
      ...transport,
      send: async (request) => {
        try {
          const answer = await transport.send(request);
          if (answer.status >= 500) this.#noteFailure(request);
          else this.#noteAnswer();
          return answer;
        } catch (error) {
          if (error instanceof NotSentError || error instanceof AnswerLostError) this.#noteFailure(request);
          throw error;
        }
      },
    };
  }

  /**
   * Where it is open, waits for what a probe shows.
   *
   * @param probe - sends one cheap read to upstream.
   * @throws {CircuitOpenError} where upstream still fails.
   */
  async admit(kind: RequestKind, caller: Caller, probe: () => Promise<unknown>): Promise<void> {
    while (this.isOpen) {
      const verdict = this.#verdict(kind, probe);
      const deadline = kind === 'check' ? caller.deadline : performance.now() + PATIENCE_MS;
      const isKnown = verdict && (await endsInTime(verdict, { deadline, signal: caller.signal }));
      if (!isKnown || !(await verdict))
        throw new CircuitOpenError('upstream failed too many requests in a row');
    }
  }

  /** What the probe under way will show, or a new one; undefined so soon after one that failed. */
  #verdict(kind: RequestKind, probe: () => Promise<unknown>): Promise<boolean> | undefined {
    const pauseMs = kind === 'check' ? CHECK_PAUSE_MS : this.#pauseMs;
    if (!this.#probing && performance.now() < this.#probedAt + pauseMs) return undefined;
    this.#probing ??= this.#probe(probe).finally(() => {
      this.#probing = undefined;
    });
    return this.#probing;
  }

  async #probe(probe: () => Promise<unknown>): Promise<boolean> {
    // What it shows is noted as of any other request.
    for (let attempt = 1; this.isOpen && attempt <= PROBE_ATTEMPTS; attempt += 1)
      await probe().catch(() => {});
    if (!this.isOpen) return true;
    this.#probedAt = performance.now();
    this.#pauseMs = this.#isConfirmed ? Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2) : FIRST_PAUSE_MS;
    if (!this.#isConfirmed) this.#onChange(true);
    this.#isConfirmed = true;
    return false;
  }

  #noteFailure({ path }: HttpRequest): void {
    if (this.isOpen) return;
    this.#failing.add(/\/videos\/([^/?]+)/.exec(path)?.[1] ?? Symbol(path));
    // The probe must not wait for a place of those that come back.
    if (this.isOpen) this.#governor.slots = this.#allSlots;
  }

  #noteAnswer(): void {
    if (this.#failing.size > 0) this.#failing.clear();
    if (this.#isConfirmed) {
      this.#isConfirmed = false;
      this.#probedAt = Number.NEGATIVE_INFINITY;
      this.#governor.slots = Math.min(FIRST_SLOTS, this.#allSlots);
      this.#onChange(false);
    } else if (this.#governor.slots < this.#allSlots) {
      this.#governor.slots += 1;
    }
  }
}
