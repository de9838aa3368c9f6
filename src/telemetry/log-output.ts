// Writes lines to standard output or standard error without ever waiting for a reader or a disk. Lines that cannot be
// written now wait, in order and within a bound; those that do not fit are lost and counted, never silently.
import { writeSync } from 'node:fs';
import { openUnblocked } from './unblocked.ts';

/**
 * What is lost with a line. `audit`: the record of a write that was or may have been sent to upstream. `unsent`: an
 * audit line with NOT_ATTEMPTED. Callers can cause any number of those while the log is stuck, so they get no reserve.
 */
export type LineKind = 'audit' | 'unsent' | 'other';

export type LostLines = Readonly<Record<LineKind, number>>;

/** What the gateway needs to know of its log. */
export type LogHealth = {
  /**
   * Whether lines cannot be written: a write failed, nothing was taken for five seconds, or the bound for ordinary lines
   * is reached. It ends once no line waits any more.
   */
  readonly isStuck: boolean;
  /** The lines lost since the start. */
  readonly lost: LostLines;
};

export type LogOutputOptions = {
  /** Changes a line before it is written. */
  readonly format?: (line: string) => string;
  /** Called when lines can be written again after the output was stuck, with the lines lost meanwhile. */
  readonly onUnstuck?: (stuckMs: number, lost: LostLines) => void;
};

type WaitingLine = { readonly bytes: Buffer; readonly kind: LineKind };

/** How much may wait before ordinary lines are lost. From then on, the log is stuck. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
/** How much more may wait before audit lines are lost: some 30,000 of them, and only writes in flight still cause any. */
const AUDIT_RESERVE_BYTES = 16 * 1024 * 1024;
/** A busy reader is not stuck. */
const STUCK_MS = 5_000;
/** Waits between attempts; each one that writes nothing doubles the wait. */
const FIRST_RETRY_MS = 5;
const LAST_RETRY_MS = 200;
/** Lines written in one turn of the event loop: a few milliseconds. */
const MAX_LINES_PER_TURN = 1_000;
/** How long the end of the process may wait for the lines that wait. */
const FLUSH_MS = 1_000;

export class LogOutput implements LogHealth {
  readonly #fd: number;
  readonly #format: (line: string) => string;
  readonly #onUnstuck: NonNullable<LogOutputOptions['onUnstuck']>;
  #waiting: WaitingLine[] = [];
  /** The first of them that is not written. */
  #next = 0;
  #waitingBytes = 0;
  /** When the output last took a byte, or the first of the lines began to wait. */
  #progressAt = 0;
  #stuckSince: number | undefined;
  #retryMs = FIRST_RETRY_MS;
  #retry: NodeJS.Timeout | undefined;
  readonly #lost = { audit: 0, unsent: 0, other: 0 };
  #lostBefore: LostLines = { ...this.#lost };

  constructor(fd: number, { format = (line) => line, onUnstuck = () => {} }: LogOutputOptions = {}) {
    this.#fd = openUnblocked(fd);
    this.#format = format;
    this.#onUnstuck = onUnstuck;
  }

  /** Writes a line at once, or lets it wait. Never throws. */
  write(line: string): void {
    const text = this.#format(line);
    const length = Buffer.byteLength(text);
    if (this.#waitingBytes > 0) {
      if (this.#hasRoomFor(length, toKind(line))) this.#add(Buffer.from(text), toKind(line));
      else this.#lost[toKind(line)] += 1;
      return;
    }
    const written = this.#tryWrite(text);
    if (written === length) return;
    this.#progressAt = performance.now();
    this.#add(Buffer.from(text).subarray(written), toKind(line));
    this.#tryLater();
  }

  get isStuck(): boolean {
    this.#noteTime();
    return this.#stuckSince !== undefined;
  }

  get lost(): LostLines {
    return { ...this.#lost };
  }

  /** How many audit lines are not written: lost, or still waiting. */
  get unwrittenAudits(): number {
    const waiting = this.#waiting.slice(this.#next).filter(({ kind }) => kind === 'audit');
    return this.#lost.audit + waiting.length;
  }

  /**
   * Calls back once no line waits, after a second at the latest; with an error if lines still wait. pino's own
   * `logger.flush` calls it.
   */
  flush(callback: (error?: Error) => void): void {
    const until = performance.now() + FLUSH_MS;
    const check = () => {
      this.#writeWaiting();
      if (this.#waitingBytes === 0) callback();
      else if (performance.now() >= until) callback(new Error('lines of the log could not be written'));
      else setTimeout(check, FIRST_RETRY_MS);
    };
    check();
  }

  #hasRoomFor(length: number, kind: LineKind): boolean {
    const total = this.#waitingBytes + length;
    if (total > MAX_WAITING_BYTES) this.#becomeStuck();
    return total <= MAX_WAITING_BYTES + (kind === 'audit' ? AUDIT_RESERVE_BYTES : 0);
  }

  #add(bytes: Buffer, kind: LineKind): void {
    this.#waiting.push({ bytes, kind });
    this.#waitingBytes += bytes.length;
  }

  #tryLater(): void {
    // It keeps no process alive: the program flushes before it ends.
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined;
      this.#writeWaiting();
      if (this.#waitingBytes > 0) this.#tryLater();
    }, this.#retryMs).unref();
  }

  /** Writes line by line, because a pipe takes a short line whole: another writer of the same pipe cannot split it. */
  #writeWaiting(): void {
    const before = this.#waitingBytes;
    for (let count = 0; count < MAX_LINES_PER_TURN; count += 1) {
      const line = this.#waiting[this.#next];
      if (!line) break;
      const written = this.#tryWrite(line.bytes);
      this.#waitingBytes -= written;
      if (written < line.bytes.length) {
        this.#waiting[this.#next] = { ...line, bytes: line.bytes.subarray(written) };
        break;
      }
      this.#next += 1;
    }
    this.#forgetWritten();
    if (this.#waitingBytes < before) {
      this.#progressAt = performance.now();
      this.#retryMs = FIRST_RETRY_MS;
    } else {
      this.#retryMs = Math.min(2 * this.#retryMs, LAST_RETRY_MS);
      this.#noteTime();
    }
    if (this.#waitingBytes === 0) this.#becomeUnstuck();
  }

  #forgetWritten(): void {
    if (this.#next < MAX_LINES_PER_TURN && this.#waitingBytes > 0) return;
    this.#waiting = this.#waiting.slice(this.#next);
    this.#next = 0;
  }

  /** @returns how many bytes the output took: none if it takes nothing now, or fails. */
  #tryWrite(data: string | Buffer): number {
    try {
      return typeof data === 'string' ? writeSync(this.#fd, data) : writeSync(this.#fd, data);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      // A full disk, a reader that is gone: nothing says when that ends.
      if (code !== 'EAGAIN') this.#becomeStuck();
      return 0;
    }
  }

  #noteTime(): void {
    if (this.#waitingBytes > 0 && performance.now() - this.#progressAt > STUCK_MS) this.#becomeStuck();
  }

  #becomeStuck(): void {
    this.#stuckSince ??= performance.now();
  }

  #becomeUnstuck(): void {
    if (this.#stuckSince === undefined) return;
    const stuckMs = performance.now() - this.#stuckSince;
    const before = this.#lostBefore;
    this.#stuckSince = undefined;
    this.#lostBefore = this.lost;
    const { audit, unsent, other } = this.#lost;
    this.#onUnstuck(stuckMs, {
      audit: audit - before.audit,
      unsent: unsent - before.unsent,
      other: other - before.other,
    });
  }
}

/** Writes a text that is no line of the log, such as a message before the end; gives up after a second. */
export function print(fd: number, text: string): Promise<void> {
  const output = new LogOutput(fd);
  output.write(text);
  return new Promise((resolve) => output.flush(() => resolve()));
}

/** Strings in a line have their quotes escaped, so only the audit's own field reads like this. */
function toKind(line: string): LineKind {
  if (!line.includes('"audit":true')) return 'other';
  return line.includes('"outcome":"NOT_ATTEMPTED"') ? 'unsent' : 'audit';
}
