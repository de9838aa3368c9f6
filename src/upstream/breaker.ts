// Stops sending to an upstream that fails every request, and notices when it is back. A few failures in a row raise the
// doubt; a cheap read of our own, never a caller's write, decides. While that read fails, callers are refused before
// anything of theirs is sent. Once it succeeds, they return a few at a time.
//
// Failures of one video count once: the video itself may be the cause, and the others must still finish.

import type { Caller, RequestKind } from './caller.ts';
import { endsInTime } from './ends-in-time.ts';
import type { Governor } from './governor.ts';
import { isFailure } from './refusal.ts';
import type { HttpRequest, Transport } from './transport.ts';
import { AnswerLostError, CircuitOpenError, NotSentError, UpstreamStatusError } from './upstream-errors.ts';

/** How many failures without an answer of upstream between them raise the doubt. */
const DOUBTED_AFTER = 5;
/** The first one may fail only because its kept-alive connection has just died. */
const PROBE_ATTEMPTS = 2;
/** Pause after a failed probe, doubling each time. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;
/** The same for reads that verify writes: their callers would retry them this soon anyway. */
const CHECK_PAUSE_MS = 100;
/** How long a request waits for the result of a probe, if upstream does not answer at all. */
const PATIENCE_MS = 1_000;
/** Requests in flight once upstream is back; each answer allows one more. */
const FIRST_SLOTS = 2;

export class Breaker {
  readonly #governor: Pick<Governor, 'slots'>;
  readonly #onChange: (isOpen: boolean) => void;
  readonly #allSlots: number;
  /** Failures since the last answer: the id of a video, or a unique symbol for any other request. */
  readonly #failing = new Set<unknown>();
  /** Why the latest of them failed. */
  #cause: Error | undefined;
  #probing: Promise<boolean> | undefined;
  #probedAt = Number.NEGATIVE_INFINITY;
  #pauseMs = FIRST_PAUSE_MS;
  /** Whether a probe has confirmed the doubt. */
  #isConfirmed = false;

  /** @param onChange - called when upstream is found to fail every request, and when it is back. */
  constructor(governor: Pick<Governor, 'slots'>, onChange: (isOpen: boolean) => void = () => {}) {
    this.#governor = governor;
    this.#onChange = onChange;
    this.#allSlots = governor.slots;
  }

  /** Whether only probes may be sent now. */
  get isOpen(): boolean {
    return this.#failing.size >= DOUBTED_AFTER;
  }

  /** Wraps a transport to record its answers and failures. */
  watch(transport: Transport): Transport {
    return {
      send: async (request) => {
        try {
          const answer = await transport.send(request);
          if (isFailure(answer)) this.#noteFailure(request, toStatusError(answer.status, request));
          else this.#noteAnswer();
          return answer;
        } catch (error) {
          if (error instanceof NotSentError || error instanceof AnswerLostError)
            this.#noteFailure(request, error);
          throw error;
        }
      },
    };
  }

  /**
   * If the circuit is open, waits for the result of a probe.
   *
   * @param probe - sends one cheap read to upstream.
   * @throws {CircuitOpenError} if upstream still fails, or the result does not come in time.
   */
  async admit(kind: RequestKind, caller: Caller, probe: () => Promise<unknown>): Promise<void> {
    while (this.isOpen) {
      const verdict = this.#verdict(kind, probe);
      const deadline = kind === 'check' ? caller.deadline : performance.now() + PATIENCE_MS;
      const isKnown = verdict && (await endsInTime(verdict, { deadline, signal: caller.signal }));
      if (!isKnown || !(await verdict))
        throw new CircuitOpenError('upstream failed too many requests in a row', { cause: this.#cause });
    }
  }

  /** The result of the probe in flight, or of a new one; undefined this soon after a failed probe. */
  #verdict(kind: RequestKind, probe: () => Promise<unknown>): Promise<boolean> | undefined {
    const pauseMs = kind === 'check' ? CHECK_PAUSE_MS : this.#pauseMs;
    if (!this.#probing && performance.now() < this.#probedAt + pauseMs) return undefined;
    this.#probing ??= this.#probe(probe).finally(() => {
      this.#probing = undefined;
    });
    return this.#probing;
  }

  async #probe(probe: () => Promise<unknown>): Promise<boolean> {
    // `watch` records the probe's result like that of any other request.
    for (let attempt = 1; this.isOpen && attempt <= PROBE_ATTEMPTS; attempt += 1)
      await probe().catch(() => {});
    if (!this.isOpen) return true;
    this.#probedAt = performance.now();
    this.#pauseMs = this.#isConfirmed ? Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2) : FIRST_PAUSE_MS;
    if (!this.#isConfirmed) this.#onChange(true);
    this.#isConfirmed = true;
    return false;
  }

  #noteFailure({ path }: HttpRequest, cause: Error): void {
    this.#cause = cause;
    if (this.isOpen) return;
    this.#failing.add(/\/videos\/([^/?]+)/.exec(path)?.[1] ?? Symbol(path));
    // The probe must not wait for one of the few slots that returning requests use.
    if (this.isOpen) this.#governor.slots = this.#allSlots;
  }

  #noteAnswer(): void {
    this.#cause = undefined;
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

function toStatusError(status: number, { method, path }: HttpRequest): Error {
  return new UpstreamStatusError(status, `${method} ${path}`);
}
