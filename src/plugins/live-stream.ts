// One stream of results on its way to a client. While the client takes nothing it keeps the latest result only, so that a slow
// client misses what lies between, and costs no memory.
import type { ExecutionResult } from 'graphql';
import type { StreamFormat } from './stream-formats.ts';

/** Shorter than the idle limits of proxies, which are often 15 s or more. */
const PING_MS = 12_000;

/** Where a stream is written. */
export type StreamSink = {
  /** Whether what was written still waits for the client. Then nothing is written until `LiveStream.resume`. */
  isFull(): boolean;
  write(bytes: Uint8Array): void;
  close(): void;
};

export class LiveStream {
  readonly #format: StreamFormat;
  readonly #onSent: (result: ExecutionResult) => void;
  readonly #pingMs: number;
  #sink: StreamSink | undefined;
  #latest: ExecutionResult | undefined;
  #last: ExecutionResult | undefined;
  #isEnding = false;
  #timer: NodeJS.Timeout | undefined;

  /** @param onSent - called with each result as it is written. */
  constructor(format: StreamFormat, onSent: (result: ExecutionResult) => void, pingMs = PING_MS) {
    this.#format = format;
    this.#onSent = onSent;
    this.#pingMs = pingMs;
  }

  /** Begins to write; at once what has come before. */
  open(sink: StreamSink): void {
    this.#sink = sink;
    sink.write(this.#format.head);
    this.#timer = setInterval(() => {
      if (!sink.isFull()) sink.write(this.#format.ping);
    }, this.#pingMs).unref();
    this.resume();
  }

  put(result: ExecutionResult): void {
    this.#latest = result;
    if (this.#sink && !this.#sink.isFull()) this.#flush(this.#sink);
  }

  /** The client has taken what was written. */
  resume(): void {
    if (!this.#sink) return;
    if (this.#isEnding) this.#close(this.#sink);
    else if (!this.#sink.isFull()) this.#flush(this.#sink);
  }

  /** @param last - a result beside the latest one, with which the stream ends. */
  end(last?: ExecutionResult): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#last = last;
    clearInterval(this.#timer);
    if (this.#sink) this.#close(this.#sink);
  }

  /** The client waits for no more than two results, so they are written whether it has taken the others or not. */
  #close(sink: StreamSink): void {
    this.#flush(sink);
    this.#latest = this.#last;
    this.#flush(sink);
    clearInterval(this.#timer);
    sink.write(this.#format.tail);
    sink.close();
    this.#sink = undefined;
  }

  #flush(sink: StreamSink): void {
    const result = this.#latest;
    if (!result) return;
    this.#latest = undefined;
    sink.write(this.#format.encode(result));
    this.#onSent(result);
  }
}

/** A stream as the source of a ReadableStream. @param leave - called when its reader goes. */
export function toStreamSource(stream: LiveStream, leave: () => void): UnderlyingDefaultSource<Uint8Array> {
  let isFull = true;
  return {
    start(controller) {
      const write = (bytes: Uint8Array) => {
        isFull = true;
        controller.enqueue(bytes);
      };
      stream.open({ isFull: () => isFull, write, close: () => controller.close() });
    },
    pull() {
      isFull = false;
      stream.resume();
    },
    cancel: leave,
  };
}
