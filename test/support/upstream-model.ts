// One video of api.video on a virtual timeline, without sockets or timers. A history fixes in advance what goes wrong and
// when. The model answers requests as upstream would, and remembers every true state of the video.

import type { Caller } from '../../src/upstream/caller.ts';
import type { Send } from '../../src/upstream/send.ts';
import type { HttpAnswer, HttpRequest } from '../../src/upstream/transport.ts';
import {
  AnswerLostError,
  BudgetExhaustedError,
  CancelledError,
  NotSentError,
  UnauthorizedError,
} from '../../src/upstream/upstream-errors.ts';

export const VIDEO_ID = 'vi1';

export type State = 'live' | 'removed' | 'absent';

/** When a write takes effect, if the state allows it: at its answer, never, or this many milliseconds after it. */
export type Acts = 'now' | 'never' | number;

export type WriteFate =
  /** Answered according to the state. If `acts` is a number, a success takes effect that much later. */
  | { readonly kind: 'answered'; readonly acts: 'now' | number; readonly ms: number }
  | { readonly kind: 'lost'; readonly acts: Acts; readonly ms: number }
  /** A complete answer, of upstream itself (503) or of something in between (403). */
  | { readonly kind: 'failed'; readonly status?: 503 | 403; readonly acts: Acts; readonly ms: number }
  | { readonly kind: 'rejected'; readonly ms: number }
  | { readonly kind: 'withheld' | 'cancelled' | 'unauthorized' | 'unreachable' };

export type ReadFate =
  /** Shows the video as it was `lagMs` before upstream wrote its answer, which then takes `ms` to arrive. */
  | { readonly kind: 'answered'; readonly lagMs: number; readonly ms: number }
  | { readonly kind: 'lost' | 'failed' | 'garbled' | 'unreachable' | 'unauthorized' | 'exhausted' };

/** What others do to the video, or to Video Restore. `at` is in milliseconds after the call began; it may be negative. */
export type Event = { readonly at: number; readonly kind: 'remove' | 'restore' | 'destroy' | 'switch' };

export type History = {
  readonly dialect: 'discarded' | 'removed';
  readonly state: State;
  readonly videoRestore: boolean;
  /** What a second DELETE of a removed video does: 404, 204 without effect, or 204 and the video is destroyed. */
  readonly secondDelete: 'refused' | 'harmless' | 'destroys';
  /** How far upstream's clock is ahead of ours. */
  readonly skewMs: number;
  /** Whether a restore's 200 shows the state before it, as upstream's sample does. */
  readonly restoreShowsBefore: boolean;
  readonly events: readonly Event[];
  /** The fate of each write and each read in turn; later ones are answered at once, without lag. */
  readonly writes: readonly WriteFate[];
  readonly reads: readonly ReadFate[];
};

/** A true state of the video, from `at` until the next moment. */
export type Moment = {
  readonly at: number;
  readonly state: State;
  readonly removedAt: number | undefined;
  readonly by: 'us' | 'others';
  /** Whether our write took effect only after it had ended. */
  readonly late: boolean;
};

/** What the gateway was shown, in order. */
export type Shown =
  | { readonly write: 'done' | 'missing' | 'refused' | 'lost' | 'failed' | 'unsent' }
  /** `of`: the moment whose state the read showed. */
  | { readonly read: State | 'nothing'; readonly of: number }
  | { readonly read: 'fault' };

type Plan = { readonly at: number; readonly act: () => void };

const LONG_AGO = -86_400_000;

export class UpstreamModel {
  /** When a call begins on our clock: not on a whole second, so that errors of rounding show. */
  static readonly EPOCH = Date.parse('2026-01-01T00:00:00.400Z');

  readonly timeline: Moment[];
  readonly shown: Shown[] = [];
  /** When the first write was put on a connection. */
  firstSentAt: number | undefined;
  now = LONG_AGO;
  readonly #history: History;
  readonly #plans: Plan[];
  #videoRestore: boolean;
  #hasBegun = false;
  #writes = 0;
  #reads = 0;

  constructor(history: History) {
    this.#history = history;
    this.#videoRestore = history.videoRestore;
    const { state } = history;
    const removedAt = state === 'removed' ? LONG_AGO : undefined;
    this.timeline = [{ at: Number.NEGATIVE_INFINITY, state, removedAt, by: 'others', late: false }];
    this.#plans = history.events.map(({ at, kind }) => ({ at, act: () => this.#happen(kind) }));
    this.#plans.sort((a, b) => a.at - b.at);
  }

  /** Begins the call: from here on, reads and writes meet the fates of the history. */
  begin(): void {
    this.#hasBegun = true;
    this.shown.length = 0;
    this.advanceTo(0);
  }

  advanceTo(time: number): void {
    for (let plan = this.#plans[0]; plan && plan.at <= time; plan = this.#plans[0]) {
      this.#plans.shift();
      this.now = plan.at;
      plan.act();
    }
    this.now = Math.max(this.now, time);
  }

  /** Waits as `pause.ts` does. */
  pause(ms: number, { deadline }: Caller): boolean {
    if (this.now + ms > deadline) {
      this.shown.push({ read: 'fault' });
      return false;
    }
    this.advanceTo(this.now + Math.max(0, ms));
    return true;
  }

  readonly send: Send = async (kind, caller, request) => {
    // The probe for a second DELETE: it fails, and the gateway learns nothing.
    if (!request.path.endsWith(`/${VIDEO_ID}`)) throw new NotSentError('only the one video can be reached');
    const isWrite = kind === 'write';
    if (this.now >= caller.deadline) {
      this.shown.push(isWrite ? { write: 'unsent' } : { read: 'fault' });
      throw new BudgetExhaustedError(undefined);
    }
    // There is one call and one video, so the gate is always open.
    request.gate?.enter();
    await request.gate?.beforeSend();
    return isWrite ? this.#write(request) : this.#read(request.path);
  };

  get #current(): Moment {
    const moment = this.timeline.at(-1);
    if (!moment) throw new Error('a timeline has a beginning');
    return moment;
  }

  #become(state: State, by: 'us' | 'others', late = false): void {
    const removedAt = state === 'removed' ? this.now : undefined;
    this.timeline.push({ at: this.now, state, removedAt, by, late });
  }

  #happen(kind: Event['kind']): void {
    const { state } = this.#current;
    if (kind === 'switch') this.#videoRestore = !this.#videoRestore;
    else if (kind === 'remove' && state === 'live')
      this.#become(this.#videoRestore ? 'removed' : 'absent', 'others');
    else if (kind === 'restore' && state === 'removed') this.#become('live', 'others');
    else if (kind === 'destroy' && state !== 'absent') this.#become('absent', 'others');
  }

  #write({ method }: Omit<HttpRequest, 'headers'>): HttpAnswer {
    const fate = this.#history.writes[this.#writes] ?? AT_ONCE;
    this.#writes += 1;
    switch (fate.kind) {
      case 'withheld':
      case 'cancelled':
      case 'unauthorized':
      case 'unreachable':
        this.shown.push({ write: 'unsent' });
        if (fate.kind === 'withheld') throw new BudgetExhaustedError(7);
        if (fate.kind === 'cancelled') throw new CancelledError('the caller has gone away');
        if (fate.kind === 'unauthorized') throw new UnauthorizedError('the key is refused');
        throw new NotSentError('connection refused');
    }

    const sentAt = this.now;
    this.firstSentAt ??= sentAt;
    this.advanceTo(sentAt + TRANSIT_MS);
    if (fate.kind === 'rejected') {
      this.shown.push({ write: 'refused' });
      return this.#answer(400, PROBLEM, sentAt, fate.ms);
    }
    const before = this.#current;
    const status = method === 'DELETE' ? this.#toDeleteStatus() : this.#toRestoreStatus();
    const act = (late: boolean) => (method === 'DELETE' ? this.#delete(late) : this.#restore(late));
    if (fate.acts === 'now') act(false);
    else if (fate.acts !== 'never' && !(fate.kind === 'answered' && status === 404)) {
      const at = this.now + fate.ms + fate.acts;
      const place = this.#plans.findIndex((plan) => plan.at > at);
      this.#plans.splice(place < 0 ? this.#plans.length : place, 0, { at, act: () => act(true) });
    }

    switch (fate.kind) {
      case 'lost':
        this.advanceTo(this.now + fate.ms);
        this.shown.push({ write: 'lost' });
        throw new AnswerLostError('reset', sentAt);
      case 'failed':
        this.shown.push({ write: 'failed' });
        return this.#answer(fate.status ?? 503, NO_BODY, sentAt, fate.ms);
      case 'answered': {
        this.shown.push({ write: status === 404 ? 'missing' : 'done' });
        const after =
          this.#history.restoreShowsBefore || this.#current.state === 'absent' ? before : this.#current;
        return this.#answer(
          status,
          status === 404 ? PROBLEM : status === 204 ? NO_BODY : this.#toBody(after),
          sentAt,
          fate.ms,
        );
      }
    }
  }

  #toDeleteStatus(): 204 | 404 {
    const { state } = this.#current;
    return state === 'live' || (state === 'removed' && this.#history.secondDelete !== 'refused') ? 204 : 404;
  }

  #delete(late: boolean): void {
    const { state } = this.#current;
    if (state === 'live') this.#become(this.#videoRestore ? 'removed' : 'absent', 'us', late);
    if (state === 'removed' && this.#history.secondDelete === 'destroys') this.#become('absent', 'us', late);
  }

  #toRestoreStatus(): 200 | 404 {
    const { state } = this.#current;
    return state === 'removed' || (state === 'live' && this.#history.dialect === 'removed') ? 200 : 404;
  }

  #restore(late: boolean): void {
    if (this.#current.state === 'removed') this.#become('live', 'us', late);
  }

  #read(path: string): HttpAnswer {
    const fate = (this.#hasBegun ? this.#history.reads[this.#reads] : undefined) ?? FRESH;
    if (this.#hasBegun) this.#reads += 1;
    const sentAt = this.now;
    this.advanceTo(sentAt + TRANSIT_MS);
    if (fate.kind !== 'answered') {
      this.shown.push({ read: 'fault' });
      switch (fate.kind) {
        case 'lost':
          throw new AnswerLostError('reset', sentAt);
        case 'unreachable':
          throw new NotSentError('connection refused');
        case 'unauthorized':
          throw new UnauthorizedError('the key is refused');
        case 'exhausted':
          throw new BudgetExhaustedError(7);
        case 'failed':
          return this.#answer(503, NO_BODY, sentAt, 0);
        case 'garbled':
          return this.#answer(200, GARBLED, sentAt, 0);
      }
    }

    const seen = this.#at(this.now - fate.lagMs);
    const place = path.startsWith('/discarded/') ? 'removed' : 'live';
    const isShown = this.#history.dialect === 'removed' ? seen.state !== 'absent' : seen.state === place;
    this.shown.push({ read: isShown ? seen.state : 'nothing', of: this.now - fate.lagMs });
    return isShown
      ? this.#answer(200, this.#toBody(seen), sentAt, fate.ms)
      : this.#answer(404, PROBLEM, sentAt, fate.ms);
  }

  #at(time: number): Moment {
    return this.timeline.findLast(({ at }) => at <= time) ?? this.#current;
  }

  /** An answer that upstream writes now, and that arrives `ms` later. */
  #answer(status: number, body: Buffer, sentAt: number, ms: number): HttpAnswer {
    const date = new Date(this.#toUpstreamTime(this.now)).toUTCString();
    this.advanceTo(this.now + ms);
    return { status, headers: { date }, body, sentAt, receivedAt: this.now };
  }

  /** Upstream's own clock, cut to whole seconds. */
  #toUpstreamTime(time: number): number {
    return Math.floor((UpstreamModel.EPOCH + time + this.#history.skewMs) / 1000) * 1000;
  }

  #toBody({ state, removedAt }: Moment): Buffer {
    const isRemoved = state === 'removed';
    const at = removedAt === undefined ? null : new Date(this.#toUpstreamTime(removedAt)).toISOString();
    const flags =
      this.#history.dialect === 'discarded'
        ? { discarded: isRemoved, discardedAt: at }
        : { removed: isRemoved, removedAt: at };
    return Buffer.from(JSON.stringify({ videoId: VIDEO_ID, ...flags }));
  }
}

const TRANSIT_MS = 20;
const AT_ONCE: WriteFate = { kind: 'answered', acts: 'now', ms: 20 };
const FRESH: ReadFate = { kind: 'answered', lagMs: 0, ms: 20 };
const NO_BODY = Buffer.alloc(0);
const GARBLED = Buffer.from('<html>');
const PROBLEM = Buffer.from(JSON.stringify({ type: 'https://docs.api.video/reference/resource-not-found' }));
