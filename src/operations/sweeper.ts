// Forgets old operations, some at a time, each hour.
import type { Logger } from 'pino';
import type { Storage } from './storage.ts';

const SWEEP_MS = 60 * 60_000;
/** After the start: one that is often started again sweeps, too. */
const FIRST_MS = 60_000;
/** Between two parts of one sweep, so that it is in nobody's way. */
const PAUSE_MS = 1_000;

export class Sweeper {
  readonly #storage: Storage;
  readonly #logger: Logger;
  #timer: NodeJS.Timeout;
  #isStopped = false;

  constructor(storage: Storage, logger: Logger) {
    this.#storage = storage;
    this.#logger = logger;
    this.#timer = this.#schedule(FIRST_MS);
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #schedule(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.#sweep()
        .catch((err: unknown) => this.#logger.warn({ err }, 'old operations could not be forgotten'))
        .then((hasMore) => {
          if (!this.#isStopped) this.#timer = this.#schedule(hasMore ? PAUSE_MS : SWEEP_MS);
        });
    }, ms).unref();
  }

  async #sweep(): Promise<boolean> {
    return (await this.#storage.store?.sweep()) ?? false;
  }
}
