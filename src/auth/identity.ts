// One caller's api.video credentials. They give access to their project only once upstream has confirmed them.

import { readClaims } from '../upstream/access-token.ts';
import type { WaitLimits } from '../upstream/caller.ts';
import { type Credentials, createApiKeyCredentials } from '../upstream/credentials.ts';
import { endsInTime } from '../upstream/ends-in-time.ts';
import { LONGEST_WINDOW_SECONDS } from '../upstream/limit-reports.ts';
import { pause } from '../upstream/pause.ts';
import { readRateLimit } from '../upstream/rate-limit-headers.ts';
import { toStatusError } from '../upstream/read-answer.ts';
import { readRefusal } from '../upstream/refusal.ts';
import type { HttpAnswer, Transport } from '../upstream/transport.ts';
import { UndeclaredLimit } from '../upstream/undeclared-limit.ts';
import {
  BudgetExhaustedError,
  CancelledError,
  toCancelled,
  UnauthorizedError,
} from '../upstream/upstream-errors.ts';
import type { OnWait } from '../upstream/wait-clocks.ts';
import type { Check } from './check-limits.ts';

/** The credentials that a request presented: an API key, or an access token. */
export type PresentedCredentials = { readonly scheme: 'basic' | 'bearer'; readonly secret: string };

/**
 * How long after the last accepted request upstream is not asked again: what is kept for a project is only for callers
 * that upstream still accepts. Other callers' reads are shared for a shorter time, see `SharedReads`.
 */
const BELIEVED_MS = 60_000;
/**
 * How long refused credentials stay refused, so that a client that retries does not make the gateway retry: after the first
 * refusal, and at most. It doubles with each refusal in a row.
 */
const REFUSED_MS = 5_000;
const MAX_REFUSED_MS = 60_000;

/** Runs the first check of credentials, or refuses to. @param claimed - the project that they claim to belong to. */
export type Admit = (claimed: string | undefined, check: Check) => Promise<string | undefined>;

/**
 * Anybody can make up the project that an access token names. So it counts only if the token came from upstream, or
 * upstream has accepted it.
 *
 * For the same reason the read that checks a token bypasses the governor of that project. There, a stranger's token
 * would queue with the project's own callers, take their place, and learn from its wait how much budget they have left.
 * The governor does not count the read afterwards either, because it accounts for requests from their send on; the next
 * answer reports what is left. So after a 429 each token waits on its own: as long as upstream asks, within the
 * caller's wait.
 */
export class Identity implements Credentials {
  readonly #transport: Transport;
  readonly #credentials: Credentials;
  readonly #isToken: boolean;
  readonly #claimed: string | undefined;
  readonly #digest: string;
  readonly #ending: AbortSignal;
  readonly #onWait: OnWait;
  #acceptedAt = Number.NEGATIVE_INFINITY;
  #refusedAt = Number.NEGATIVE_INFINITY;
  #refusals = 0;
  #project: string | undefined;
  #projectId: string | undefined;
  #asking: Promise<string | undefined> | undefined;
  /** Until then, upstream answers 429. */
  #limitedUntil = Number.NEGATIVE_INFINITY;
  readonly #undeclaredLimit = new UndeclaredLimit(Math.random);

  /**
   * @param digest - names the project if upstream does not.
   * @param ending - ends every wait for the budget, so that waiting callers are answered.
   * @param onWait - called while a caller waits for the budget.
   * @param onNoToken - called with the reason why an API key could get no token.
   */
  constructor(
    transport: Transport,
    { scheme, secret }: PresentedCredentials,
    digest: string,
    ending: AbortSignal,
    onWait: OnWait = () => () => {},
    onNoToken: (reason: string) => void = () => {},
  ) {
    this.#onWait = onWait;
    this.#transport = transport;
    this.#ending = ending;
    this.#isToken = scheme === 'bearer';
    this.#claimed = this.#isToken ? toKey(readClaims(secret)?.projectId) : undefined;
    this.#digest = digest;
    this.#credentials = this.#isToken
      ? createTokenCredentials(secret)
      : createApiKeyCredentials(transport, secret, onNoToken);
  }

  /**
   * The key of the project, the same for all of its credentials.
   *
   * @param admit - runs the check of credentials that upstream has never accepted; its errors are thrown.
   * @throws {UnauthorizedError} if upstream refuses them.
   * @throws {BudgetExhaustedError} as soon as it is known that the budget allows no check within the caller's wait.
   * @throws {CancelledError} if the caller disconnects meanwhile, or the gateway is stopping.
   * @throws the errors of `Transport.send`, and UpstreamStatusError for any other answer.
   */
  async project(caller: WaitLimits, admit: Admit): Promise<string> {
    for (;;) {
      const now = performance.now();
      if (now < this.#refusedUntil)
        throw new UnauthorizedError('upstream has just refused these credentials');
      if (this.#project !== undefined && now < this.#acceptedAt + BELIEVED_MS) return this.#project;
      // Each caller waits on its own, because their deadlines differ; the first one awake asks for all.
      const limitedMs = this.#limitedUntil - now;
      if (limitedMs > 0) await this.#waitForBudget(limitedMs, caller);
      else {
        const project = await this.#askForAll(caller, admit);
        if (project !== undefined) return project;
      }
    }
  }

  /** @returns undefined if upstream's budget is spent. */
  async #askForAll({ signal }: WaitLimits, admit: Admit): Promise<string | undefined> {
    if (signal?.aborted) throw toCancelled(signal);
    const check = () => this.#askTwice();
    this.#asking ??= (this.#project === undefined ? admit(this.#claimed, check) : check()).finally(() => {
      this.#asking = undefined;
    });
    const asking = this.#asking;
    // The question has a time limit of its own, and goes on for the others if this caller leaves.
    if (await endsInTime(asking, { deadline: Number.POSITIVE_INFINITY, signal })) return asking;
    throw new CancelledError('the caller disconnected');
  }

  authorization(limits?: WaitLimits): Promise<string> {
    return this.#credentials.authorization(limits);
  }

  async renew(refused: string, limits?: WaitLimits): Promise<void> {
    try {
      await this.#credentials.renew(refused, limits);
    } catch (error) {
      if (error instanceof UnauthorizedError) this.#refuse();
      throw error;
    }
  }

  accepted(sentAt: number): void {
    // A request sent before a refusal proves nothing after it.
    if (sentAt > this.#refusedAt) this.#acceptedAt = Math.max(this.#acceptedAt, sentAt);
  }

  get projectId(): string | undefined {
    return this.#projectId;
  }

  get acceptedAt(): number {
    return this.#acceptedAt;
  }

  /** Asks once more unless upstream refused: a kept-alive connection may just have died. */
  async #askTwice(): Promise<string | undefined> {
    try {
      return await this.#ask();
    } catch (error) {
      if (error instanceof UnauthorizedError) throw error;
      return this.#ask();
    }
  }

  async #ask(): Promise<string | undefined> {
    const begunAt = performance.now();
    try {
      // An earlier token proves nothing about the key now.
      if (!this.#isToken && this.#project !== undefined)
        await this.#credentials.renew(await this.authorization());
      const authorization = await this.authorization();
      const projectId = readClaims(authorization.replace(/^Bearer /, ''))?.projectId;
      if (this.#isToken && !(await this.#tryToken(authorization))) return undefined;
      this.#projectId = projectId;
      this.#project = toKey(projectId) ?? `credentials ${this.#digest}`;
      this.#refusals = 0;
      this.accepted(begunAt);
      return this.#project;
    } catch (error) {
      if (error instanceof UnauthorizedError) this.#refuse();
      throw error;
    }
  }

  /** The cheapest request that shows whether upstream accepts a token. @returns false if its budget is spent. */
  async #tryToken(authorization: string): Promise<boolean> {
    const path = '/videos?currentPage=1&pageSize=1';
    const answer = await this.#transport.send({ method: 'GET', path, headers: { authorization } });
    const { status } = answer;
    if (status === 401 || (status === 403 && readRefusal(answer)))
      throw new UnauthorizedError('upstream refused the token');
    if (status === 429) this.#noteLimit(answer);
    else if (status !== 200) throw toStatusError(answer, `GET ${path}`);
    else this.#undeclaredLimit.named();
    return status === 200;
  }

  #noteLimit({ headers, sentAt, receivedAt }: HttpAnswer): void {
    const seconds = readRetryAfter(headers);
    if (seconds === undefined) this.#undeclaredLimit.refused(sentAt, receivedAt);
    this.#limitedUntil =
      seconds === undefined ? this.#undeclaredLimit.pausedUntil : receivedAt + seconds * 1000;
  }

  async #waitForBudget(ms: number, { deadline, signal }: WaitLimits): Promise<void> {
    const over = signal ? AbortSignal.any([signal, this.#ending]) : this.#ending;
    const endWait = this.#onWait('rateLimit', now);
    const isInTime = await pause(ms, { deadline, signal: over });
    endWait();
    if (isInTime) return;
    if (over.aborted) throw toCancelled(over);
    throw new BudgetExhaustedError(Math.ceil(ms / 1000));
  }

  #refuse(): void {
    this.#acceptedAt = Number.NEGATIVE_INFINITY;
    this.#refusedAt = performance.now();
    this.#refusals += 1;
  }

  get #refusedUntil(): number {
    return this.#refusedAt + Math.min(MAX_REFUSED_MS, REFUSED_MS * 2 ** (this.#refusals - 1));
  }
}

/** At most the length of a window: upstream's value is not trusted blindly. Undefined if there is none. */
function readRetryAfter(headers: HttpAnswer['headers']): number | undefined {
  const { retryAfterSeconds: seconds } = readRateLimit(429, headers);
  return seconds === undefined ? undefined : Math.min(LONGEST_WINDOW_SECONDS, Math.max(1, seconds));
}

/** Only the caller can renew a caller's token. */
function createTokenCredentials(token: string): Credentials {
  return {
    authorization: async () => `Bearer ${token}`,
    renew: () => Promise.reject(new UnauthorizedError('upstream refused the token')),
  };
}

/** The key of a project. */
function toKey(projectId: string | undefined): string | undefined {
  return projectId === undefined ? undefined : `project ${projectId}`;
}

const now = () => performance.now();
