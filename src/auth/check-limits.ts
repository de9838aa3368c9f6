// Bounds what credentials that nobody has accepted yet cost upstream, for each client address and each project that they
// claim. Credentials that upstream has accepted do not come here.
import { LRUCache } from 'lru-cache';
import { toNetwork } from '../config/addresses.ts';
import { NotSentError, UnauthorizedError, UpstreamStatusError } from '../upstream/upstream-errors.ts';
import { RefusalLimit, TooManyRefusalsError } from './refusal-limit.ts';

/** Refused checks in a minute. */
const MAX_PER_ADDRESS = 20;
const MAX_PER_PROJECT = 100;
/** Addresses, projects, and pairs of them, that are remembered. */
const MAX_KEPT = 10_000;
/** Checks that wait for others, of all addresses. A client that leaves does not end the wait. */
const MAX_WAITING = 1_000;
const RETRY_SECONDS = 1;

/** Asks upstream about credentials. Resolves with the key of their project; undefined if upstream did not say. */
export type Check = () => Promise<string | undefined>;

export class CheckLimits {
  readonly #addresses = new LRUCache<string, RefusalLimit>({ max: MAX_KEPT });
  readonly #projects = new LRUCache<string, RefusalLimit>({ max: MAX_KEPT });
  /**
   * Addresses from which credentials of a project were accepted. Without them, strangers who claim a project could keep its
   * own callers from getting in with their next token.
   */
  readonly #callers = new LRUCache<string, true>({ max: MAX_KEPT });
  readonly #onLimited: (what: string) => void;
  #waiting = 0;

  /** @param onLimited - called with the address or project whose limit is reached, again and again. */
  constructor(onLimited: (what: string) => void) {
    this.#onLimited = onLimited;
  }

  /**
   * Runs a check that throws UnauthorizedError if upstream refuses the credentials.
   *
   * @param address - the client's; undefined if it is not known. All such clients share one limit.
   * @param claimed - the key of the project that the credentials claim to belong to. Anyone can claim any.
   * @throws {TooManyRefusalsError} instead of running it, if too many were refused.
   */
  async run(address: string | undefined, claimed: string | undefined, check: Check) {
    const network = toNetwork(address);
    const isStranger = claimed !== undefined && !this.#callers.has(`${network} ${claimed}`);
    const project = await this.#within(this.#addresses, network, MAX_PER_ADDRESS, () =>
      isStranger ? this.#within(this.#projects, claimed, MAX_PER_PROJECT, check) : check(),
    );
    if (project !== undefined) this.#callers.set(`${network} ${project}`, true);
    return project;
  }

  async #within(kept: LRUCache<string, RefusalLimit>, key: string, limit: number, check: Check) {
    const refusals = kept.get(key) ?? new RefusalLimit(limit);
    kept.set(key, refusals);
    await this.#take(refusals, key);
    let isRefused = false;
    try {
      return await check();
    } catch (error) {
      isRefused = isRefusal(error);
      throw error;
    } finally {
      refusals.done({ isRefused });
    }
  }

  async #take(refusals: RefusalLimit, key: string): Promise<void> {
    if (this.#waiting >= MAX_WAITING) throw new TooManyRefusalsError(RETRY_SECONDS);
    this.#waiting += 1;
    try {
      await refusals.take();
    } catch (error) {
      this.#onLimited(key);
      throw error;
    } finally {
      this.#waiting -= 1;
    }
  }
}

/** Something in between may refuse in upstream's place. That counts as well: strangers may be able to bring it about. */
function isRefusal(error: unknown): boolean {
  const cause = error instanceof NotSentError ? error.cause : error;
  if (cause instanceof UpstreamStatusError) return cause.status >= 400 && cause.status < 500;
  return cause instanceof UnauthorizedError;
}
