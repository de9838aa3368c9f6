// The public keys that verify tokens, of a key server. While it does not answer, the last keys hold, for a day. However
// many tokens come, it is asked rarely; and only while tokens come, so that nothing here keeps a process alive.
import type { JWTVerifyGetKey } from 'jose';
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import { findProxy } from '../config/outgoing-proxies.ts';
import { type Connections, createConnections, type Transport } from '../upstream/transport.ts';
import { AnswerLostError, NotSentError } from '../upstream/upstream-errors.ts';

/** How long keys hold after they were last fetched. */
const HELD_MS = 24 * 3_600_000;
/** The time limit of one fetch. */
const TIMEOUT_MS = 5_000;
/** From the end of a fetch: a key that the key server has withdrawn is refused within five minutes, if it answers. */
const CONFIRMED_MS = 5 * 60_000 - TIMEOUT_MS;
/** Fetched again before that, so that callers need not wait for it. */
const REFRESH_MS = 4 * 60_000;
/** How often tokens with unknown keys may make the gateway fetch the keys. */
const LOOK_UP_MS = 30_000;
/** Pause after a failure, doubling each time. It is shorter while there are no keys, because every caller waits then. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_WITHOUT_KEYS_MS = 5_000;

const UNREADABLE = 'The gateway could not fetch the keys that verify tokens';
const EXPIRED =
  'The keys that verify tokens were last fetched 24 hours ago and no longer hold, so the gateway refuses requests';

/** `fresh` if the last fetch succeeded, `stale` if it failed and earlier keys hold, else `missing`. */
export type KeysState = {
  readonly status: 'fresh' | 'stale' | 'missing';
  /** Undefined if they are missing. */
  readonly ageSeconds: number | undefined;
  /** Whether the last fetch failed. */
  readonly isFailing: boolean;
};

/** The keys could not be fetched, so it is not known whether the token is valid. */
export class KeysUnavailableError extends Error {
  override name = 'KeysUnavailableError';
}

/** Undefined if the configuration names no key server. Connects to nothing. */
export function createKeySet({ auth, proxies }: Config, logger: Logger): KeySet | undefined {
  if (auth.mode !== 'jwt' || !('jwksUrl' in auth.keys)) return undefined;
  const { jwksUrl } = auth.keys;
  return new KeySet(jwksUrl, findProxy(proxies, jwksUrl), logger);
}

export class KeySet {
  readonly #connections: Connections;
  readonly #transport: Transport;
  readonly #path: string;
  readonly #logger: Logger;
  #keys: JWTVerifyGetKey | undefined;
  /** When the keys were asked for, on the clock of `performance.now()`. */
  #fetchedAt = Number.NEGATIVE_INFINITY;
  /** When the last fetch ended, with or without keys. */
  #triedAt = Number.NEGATIVE_INFINITY;
  #dueAt = Number.NEGATIVE_INFINITY;
  #lookedUpAt = Number.NEGATIVE_INFINITY;
  /** Failures since the last success. */
  #failures = 0;
  #fetching: Promise<void> | undefined;

  /**
   * @param proxy - the one to go through, if any.
   * @param logger - gets one line when the key server fails, and one when it works again.
   */
  constructor(url: URL, proxy: URL | undefined, logger: Logger) {
    this.#connections = createConnections({
      baseUrl: new URL(url.origin),
      connections: 1,
      timeoutMs: TIMEOUT_MS,
      proxy,
    });
    this.#transport = this.#connections.share(1);
    this.#path = url.pathname + url.search;
    this.#logger = logger;
  }

  /**
   * The key of a token.
   *
   * @throws {KeysUnavailableError} if there are no keys, or the key is unknown and the key server does not answer.
   * @throws {JOSEError} if no key, or more than one, fits the token.
   */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    const calledAt = performance.now();
    const keys = await this.#current(calledAt);
    try {
      return await keys(header, token);
    } catch (error) {
      if (!isUnknownKey(error) || !(await this.#lookUp(calledAt))) throw error;
    }
    return (this.#keys ?? keys)(header, token);
  };

  get state(): KeysState {
    const ageMs = performance.now() - this.#fetchedAt;
    const isFailing = this.#failures > 0;
    if (!this.#keys || ageMs >= HELD_MS) return { status: 'missing', ageSeconds: undefined, isFailing };
    return { status: isFailing ? 'stale' : 'fresh', ageSeconds: Math.floor(ageMs / 1000), isFailing };
  }

  /** Ends a fetch in flight. */
  async close(): Promise<void> {
    await this.#connections.abort();
  }

  async #current(now: number): Promise<JWTVerifyGetKey> {
    // Without a fetch for this long, because no tokens came, nothing shows that the keys have not been withdrawn.
    const mustWait = now >= this.#triedAt + CONFIRMED_MS || !this.#held();
    if (now >= this.#dueAt) {
      const fetching = this.#fetch();
      if (mustWait) await fetching;
    }
    const keys = this.#held();
    if (!keys) throw new KeysUnavailableError(UNREADABLE);
    return keys;
  }

  /** Fetches the keys for a token whose key is unknown. @returns false if the gateway asked too recently. */
  async #lookUp(calledAt: number): Promise<boolean> {
    // Such a token may be valid, and whoever made it up must not wait here for a key server that does not answer.
    if (this.#failures > 0) throw new KeysUnavailableError(UNREADABLE);
    if (this.#triedAt >= calledAt) return false;
    if (!this.#fetching) {
      if (calledAt < this.#lookedUpAt + LOOK_UP_MS) return false;
      this.#lookedUpAt = calledAt;
    }
    await this.#fetch();
    if (this.#failures > 0) throw new KeysUnavailableError(UNREADABLE);
    return true;
  }

  /** Never rejects. Concurrent callers share one fetch. */
  #fetch(): Promise<void> {
    this.#fetching ??= this.#tryToFetch().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #tryToFetch(): Promise<void> {
    const begunAt = performance.now();
    try {
      const keys = await this.#ask();
      if (this.#failures > 0) this.#logger.info('The keys that verify tokens can be fetched again');
      this.#keys = keys;
      this.#failures = 0;
      this.#fetchedAt = begunAt;
      this.#dueAt = begunAt + REFRESH_MS;
    } catch (error) {
      this.#noteFailure(toCause(error));
    }
    this.#triedAt = performance.now();
  }

  async #ask(): Promise<JWTVerifyGetKey> {
    const { status, body } = await this.#transport.send({
      method: 'GET',
      path: this.#path,
      headers: {
        accept: 'application/json, application/jwk-set+json',
        'user-agent': 'apivideo-graphql',
        // The next fetch is minutes away. A connection kept until then would have died, and its address may be old.
        connection: 'close',
      },
    });
    if (status !== 200) throw new Error(`the key server answered with status ${status}, expected 200`);
    // Loads jose only for a gateway that needs it, so that the others start faster.
    const { readKeySet } = await import('./read-key-set.ts');
    return readKeySet(body);
  }

  #noteFailure(err: unknown): void {
    const keys = this.#held();
    this.#failures += 1;
    const longestMs = keys ? LONGEST_PAUSE_MS : LONGEST_PAUSE_WITHOUT_KEYS_MS;
    const pauseMs = Math.min(longestMs, FIRST_PAUSE_MS * 2 ** (this.#failures - 1));
    const now = performance.now();
    // Jitter: several gateways must not ask at the same moment.
    this.#dueAt = now + pauseMs * (0.5 + Math.random() / 2);
    if (this.#failures > 1) return;
    if (keys) {
      const heldUntil = new Date(Date.now() + this.#fetchedAt + HELD_MS - now).toISOString();
      this.#logger.warn({ err, heldUntil }, `${UNREADABLE}. The last ones hold until ${heldUntil}`);
    } else this.#logger.error({ err }, `${UNREADABLE}, so it refuses requests`);
  }

  /** The keys, unless they are too old. */
  #held(): JWTVerifyGetKey | undefined {
    if (this.#keys && performance.now() >= this.#fetchedAt + HELD_MS) {
      this.#keys = undefined;
      this.#logger.error(EXPIRED);
    }
    return this.#keys;
  }
}

function isUnknownKey(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_JWKS_NO_MATCHING_KEY';
}

/** The transport's own errors speak of api.video. */
function toCause(error: unknown): unknown {
  return error instanceof NotSentError || error instanceof AnswerLostError ? (error.cause ?? error) : error;
}
