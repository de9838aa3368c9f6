// Logs what keeps durable operations from going on: once for each cause, however often it is met, and once when it is over.
import type { Logger } from 'pino';
import { StorageUnavailableError } from './storage.ts';
import { toOutage } from './storage-fault.ts';

export class FailureLog {
  readonly #logger: Logger;
  readonly #what: string;
  #latest: string | undefined;

  /** @param what - begins the sentences. */
  constructor(logger: Logger, what: string) {
    this.#logger = logger;
    this.#what = what;
  }

  note(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    // The storage logs its outages by itself.
    const isNews = !isOutage(error) && message !== this.#latest;
    if (!isOutage(error)) this.#latest = message;
    this.#logger[isNews ? 'warn' : 'debug']({ err: error }, `${this.#what} cannot go on at present`);
  }

  /** It works again. */
  end(): void {
    if (this.#latest !== undefined) this.#logger.info(`${this.#what} can go on`);
    this.#latest = undefined;
  }
}

function isOutage(error: unknown): boolean {
  return error instanceof StorageUnavailableError || toOutage(error) !== undefined;
}
