// Knows which operations are this gateway's: those of its upstream and its project. Upstream names the project, and the store
// keeps that name, so that callers see their operations after a restart even while upstream is down.
import type { Resumption } from '../auth/access.ts';
import type { Storage } from './storage.ts';

export class Target {
  readonly #resumption: Pick<Resumption, 'name' | 'target'>;
  readonly #storage: Pick<Storage, 'store'>;
  #found: string | undefined;
  #confirmed: string | undefined;

  constructor(resumption: Pick<Resumption, 'name' | 'target'>, storage: Pick<Storage, 'store'>) {
    this.#resumption = resumption;
    this.#storage = storage;
  }

  /**
   * For callers: as the store has kept it, without a request to upstream, or else as upstream names it.
   *
   * @throws the errors of `Resumption.target`, and those of the store.
   */
  async find(): Promise<string> {
    return (await this.#recall()) ?? this.confirm();
  }

  /**
   * For work: as upstream names it.
   *
   * @throws as `find`.
   */
  async confirm(): Promise<string> {
    if (this.#confirmed !== undefined) return this.#confirmed;
    await this.#recall();
    const target = await this.#resumption.target();
    this.#found = target;
    const { store } = this.#storage;
    await store?.keepTarget(this.#resumption.name, target);
    if (store) this.#confirmed = target;
    return target;
  }

  /** As far as it is known already. */
  get found(): string | undefined {
    return this.#found;
  }

  async #recall(): Promise<string | undefined> {
    const kept = this.#found ?? (await this.#storage.store?.keptTarget(this.#resumption.name));
    this.#found ??= kept;
    return this.#found;
  }
}
