// Decides when the check may send a request, and counts each one: it keeps to the numbers that the help promises, and
// leaves a tenth of api.video's rate limit to other clients of the project. It sends nothing itself.
import { toRequestEnd } from '../upstream/request-end.ts';
import type { HttpAnswer } from '../upstream/transport.ts';
import { NotCheckedError } from './finding.ts';

/** Requests to /auth/ are apart: api.video does not limit them, and no document promises their number. */
export type RequestKind = 'read' | 'write' | 'auth';

/** The most requests of a check. The help, docs/check.md and docs/security.md promise these numbers. */
export const MOST_READS = 40;
export const MOST_READS_WITH_WRITES = 150;
export const MOST_WRITES = 12;

/** Each request of the check can need a new token. */
const MOST_AUTH = 50;
/** Of those, for the clean-up: it may have to send its deletion twice, each time with a new token. */
const KEPT = { read: 0, write: 2, auth: 2 } as const;

/** This part of a limit is left to other clients, and at least two requests. */
const LEFT_PART = 0.1;
const LEAST_LEFT = 2;
/** A reset further away is not a reset of this minute. */
const LONGEST_WAIT_MS = 61_000;
/** In all: two windows. */
const MOST_WAITING_MS = 125_000;

export class RequestAllowance {
  /** Without those of which api.video saw nothing. */
  readonly sent: Record<RequestKind, number> = { read: 0, write: 0, auth: 0 };
  readonly #most: Readonly<Record<RequestKind, number>>;
  /** When the window of a limit reopens, if too little of it is left now; on the clock of `performance.now()`. */
  readonly #reopensAt: Record<RequestKind, number> = { read: 0, write: 0, auth: 0 };
  #isCleaningUp = false;
  #waitedMs = 0;
  /** Until when the waits last that are counted: concurrent requests wait for the same reset. */
  #waitsUntil = 0;

  constructor(mayWrite: boolean) {
    this.#most = {
      read: mayWrite ? MOST_READS_WITH_WRITES : MOST_READS,
      write: mayWrite ? MOST_WRITES : 0,
      auth: MOST_AUTH,
    };
  }

  /** From now on, requests may use up what is kept for the clean-up. */
  beginCleanUp(): void {
    this.#isCleaningUp = true;
  }

  /**
   * How long to wait before a request may be sent, in milliseconds. Ask again after the wait.
   *
   * @throws {NotCheckedError} if it must not be sent.
   */
  toWaitMs(kind: RequestKind): number {
    this.#assertLeft(kind);
    const now = performance.now();
    const reopensAt = this.#reopensAt[kind];
    const waitMs = Math.max(0, reopensAt - now);
    const addedMs = Math.max(0, reopensAt - Math.max(now, this.#waitsUntil));
    if (waitMs > LONGEST_WAIT_MS || this.#waitedMs + addedMs > MOST_WAITING_MS) {
      throw new NotCheckedError(
        `Little of the rate limit for ${kind}s is left for the next ${Math.ceil(waitMs / 1000)} s.`,
        'Run the check again when fewer other clients use the project.',
      );
    }
    this.#waitedMs += addedMs;
    this.#waitsUntil = Math.max(this.#waitsUntil, reopensAt);
    return waitMs;
  }

  /** Counts a request just before it is sent. @throws {NotCheckedError} if it must not be sent. */
  count(kind: RequestKind): void {
    this.#assertLeft(kind);
    this.sent[kind] += 1;
  }

  /** Takes a request back: api.video saw nothing of it. */
  uncount(kind: RequestKind): void {
    this.sent[kind] -= 1;
  }

  /** Learns from an answer how much of the limit is left. */
  note(kind: RequestKind, answer: HttpAnswer): void {
    const end = toRequestEnd(answer);
    if (kind === 'auth' || end.kind !== 'answered') return;
    const { limit = 0, remaining, retryAfterSeconds = -1 } = end.headers;
    const left = Math.max(LEAST_LEFT, Math.ceil(limit * LEFT_PART));
    const isScarce = remaining !== undefined && remaining >= 0 && remaining <= left;
    const isDated = retryAfterSeconds >= 0;
    if (end.limited || (isScarce && isDated))
      this.#reopensAt[kind] =
        answer.receivedAt + (isDated ? retryAfterSeconds * 1000 : LONGEST_WAIT_MS - 1000);
    else this.#reopensAt[kind] = 0;
  }

  #assertLeft(kind: RequestKind): void {
    const most = this.#most[kind] - (this.#isCleaningUp ? 0 : KEPT[kind]);
    if (this.sent[kind] < most) return;
    throw new NotCheckedError(
      `The check had sent its ${most} ${kind}s.`,
      'Run it again: the other rows hold.',
    );
  }
}
