// The streams that are open: at most so many at once, each until its client leaves, its token expires, or the gateway stops.

/** The longest time that a timer can run. */
const MAX_TIMER_MS = 2 ** 31 - 1;

const ENDED = new Error('the stream has ended');

export type OpenStream = {
  /** Aborted at its end, whatever the reason. A native signal. */
  readonly signal: AbortSignal;
  /** Whether it ended because the caller's token has expired. */
  readonly isExpired: boolean;
  end(): void;
};

export class OpenStreams {
  readonly #limit: number;
  readonly #open = new Set<OpenStream>();
  readonly #stopping = new AbortController();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get count(): number {
    return this.#open.size;
  }

  get isFull(): boolean {
    return this.#open.size >= this.#limit;
  }

  /** Aborted once the gateway stops. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  /** @param expiresAt - when it ends by itself, in milliseconds since the epoch. */
  add(expiresAt: number | undefined): OpenStream {
    const ended = new AbortController();
    let isExpired = false;
    let timer: NodeJS.Timeout | undefined;
    const stream: OpenStream = {
      signal: ended.signal,
      get isExpired() {
        return isExpired;
      },
      end: () => {
        clearTimeout(timer);
        this.#open.delete(stream);
        // With a reason of our own: making an error for each of many streams would take longer than all else.
        ended.abort(ENDED);
      },
    };
    const expire = (at: number) => {
      const leftMs = at - Date.now();
      isExpired = leftMs <= 0;
      if (isExpired) stream.end();
      else timer = setTimeout(expire, Math.min(leftMs, MAX_TIMER_MS), at).unref();
    };
    this.#open.add(stream);
    if (expiresAt !== undefined) expire(expiresAt);
    return stream;
  }

  /** Ends all of them. */
  stop(): void {
    this.#stopping.abort();
    for (const stream of this.#open) stream.end();
  }
}
