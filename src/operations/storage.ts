// Where operations are kept, whether or not it can be used at the moment. Nothing but durable operations needs it.
import type { OperationStore } from './operation-store.ts';

/** How long after a failure it is tried again, if nobody asks. */
const RETRY_MS = 5_000;
/** Calls that come shortly after a failure get the same answer. */
const REFUSED_MS = 1_000;

/** The store cannot be used at present. The message says why, to any caller: it has no paths, addresses or secrets. */
export class StorageUnavailableError extends Error {
  override name = 'StorageUnavailableError';
}

/** `unopened`: nobody has needed it. */
export type StorageState = 'unopened' | 'opening' | 'ok' | 'unavailable';

export type StorageOptions = {
  /** Opens it, or makes it. It gives up at once if the signal is aborted, or closes what it has opened. */
  readonly open: (signal: AbortSignal) => Promise<OperationStore>;
  /** Whether operations may wait in it, so that it is opened at the start. */
  readonly isThere: boolean;
  /** Called each time that it was opened, or could not be, and when it fails or works again in between. */
  readonly onOpen: (error: StorageUnavailableError | undefined) => void;
  /** By default five seconds; 0 for never. */
  readonly retryMs?: number | undefined;
};

export class Storage {
  readonly #options: StorageOptions;
  readonly #retryMs: number;
  readonly #closing = new AbortController();
  #store: OperationStore | undefined;
  #opening: Promise<OperationStore> | undefined;
  #failure: { readonly error: StorageUnavailableError; readonly at: number } | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: StorageOptions) {
    this.#options = options;
    this.#retryMs = options.retryMs ?? RETRY_MS;
    if (options.isThere) this.#openAgain();
  }

  /** The store, if it is open. */
  get store(): OperationStore | undefined {
    return this.#store;
  }

  /** Whether operations may wait in it from before the start. */
  get isThere(): boolean {
    return this.#options.isThere;
  }

  /** Why it cannot be used; undefined if it can be, or was not tried. */
  get failure(): string | undefined {
    return this.#failure?.error.message;
  }

  /** As the latest attempt, or the latest statement, has left it. */
  get state(): StorageState {
    if (this.#failure) return 'unavailable';
    if (this.#store) return 'ok';
    return this.#opening ? 'opening' : 'unopened';
  }

  /** @throws {StorageUnavailableError} if it cannot be opened. */
  async open(): Promise<OperationStore> {
    if (this.#store) return this.#store;
    if (this.#closing.signal.aborted) throw new StorageUnavailableError('the gateway is stopping');
    if (this.#failure && performance.now() - this.#failure.at < REFUSED_MS) throw this.#failure.error;
    return this.#openShared();
  }

  /** What the latest use of the open store showed: an outage, or none. It changes nothing about the store. */
  note(error: StorageUnavailableError | undefined): void {
    if (!this.#store || (!error && !this.#failure)) return;
    this.#failure = error && { error, at: performance.now() };
    this.#options.onOpen(error);
  }

  /** The open store can never be used again, so another one is opened in its place. */
  lose(error: StorageUnavailableError): void {
    if (!this.#store || this.#closing.signal.aborted) return;
    this.note(error);
    this.#store = undefined;
    this.#tryLater();
  }

  /** The store, unless no operation was ever kept. @throws {StorageUnavailableError} as `open`. */
  async openIfThere(): Promise<OperationStore | undefined> {
    const isUsed = this.#store || this.#opening || this.#failure || this.#options.isThere;
    return isUsed ? this.open() : undefined;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#timer);
    await this.#opening?.catch(() => {});
    await this.#store?.close();
    this.#store = undefined;
  }

  #openShared(): Promise<OperationStore> {
    this.#opening ??= this.#openOnce().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #openOnce(): Promise<OperationStore> {
    const { signal } = this.#closing;
    try {
      this.#store = await this.#options.open(signal);
      this.#failure = undefined;
      this.#options.onOpen(undefined);
      return this.#store;
    } catch (cause) {
      if (signal.aborted) throw new StorageUnavailableError('the gateway is stopping', { cause });
      const error =
        cause instanceof StorageUnavailableError
          ? cause
          : new StorageUnavailableError('the store of operations cannot be used', { cause });
      this.#failure = { error, at: performance.now() };
      this.#options.onOpen(error);
      this.#tryLater();
      throw error;
    }
  }

  #openAgain(): void {
    if (!this.#store && !this.#closing.signal.aborted) this.#openShared().catch(() => {});
  }

  #tryLater(): void {
    clearTimeout(this.#timer);
    if (this.#retryMs > 0) this.#timer = setTimeout(() => this.#openAgain(), this.#retryMs).unref();
  }
}
