// What signs the requests of an operation, for as long as upstream accepts it.
import type { HeldOperation } from './operation-store.ts';
import type { Entered, OperationRunParts } from './run-parts.ts';

/** `sending` ends all sends with its credentials once upstream refuses them. */
export type Current = Entered & { readonly sending: AbortController };

export class Entry {
  readonly #held: HeldOperation;
  readonly #enter: OperationRunParts['enter'];
  #current: Current | undefined;
  #isRefused = false;

  constructor(held: HeldOperation, enter: OperationRunParts['enter']) {
    this.#held = held;
    this.#enter = enter;
  }

  get current(): Current | undefined {
    return this.#current;
  }

  /** Whether the credentials are refused for good. */
  get isRefused(): boolean {
    return this.#isRefused;
  }

  /** Whether it is known with what to send, or that nothing can be. */
  get isKnown(): boolean {
    return this.#current !== undefined || this.#isRefused;
  }

  /** @throws as `OperationRunParts.enter`. */
  async enter(signal: AbortSignal): Promise<void> {
    const entered = await this.#enter(this.#held, signal);
    this.#current = entered && { ...entered, sending: new AbortController() };
    this.#isRefused = !entered;
  }

  /** Upstream refuses these credentials. Else each item would be refused on its own. */
  refuse(entered: Entered): void {
    if (this.#current !== entered) return;
    this.#isRefused = entered.areCredentialsFinal;
    this.withdraw();
  }

  /** Takes back what was not sent. What was is looked at, once the operation has been entered again. */
  withdraw(): void {
    this.#current?.sending.abort();
    this.#current = undefined;
  }
}
