// One caller's api.video credentials. They give access to their project only once upstream has confirmed them.
import * as z from 'zod';
import type { WaitLimits } from '../upstream/caller.ts';
import { type Credentials, createApiKeyCredentials } from '../upstream/credentials.ts';
import { endsInTime } from '../upstream/ends-in-time.ts';
import { pause } from '../upstream/pause.ts';
import type { HttpAnswer, Transport } from '../upstream/transport.ts';
import { UndeclaredLimit } from '../upstream/undeclared-limit.ts';
import {
  BudgetExhaustedError,
  CancelledError,
  UnauthorizedError,
  UpstreamStatusError,
} from '../upstream/upstream-errors.ts';

/** The credentials that a request presented: an API key, or an access token. */
export type PresentedCredentials = { readonly scheme: 'basic' | 'bearer'; readonly secret: string };

/**
 * How long after the last accepted request upstream is not asked again: what is kept for a project is only for callers
 * that upstream still accepts. Other callers' reads are shared for a shorter time, see `SharedReads`.
 */
const BELIEVED_MS = 60_000;
/** How long refused credentials stay refused, so that a client that retries does not make the gateway retry. */
const REFUSED_MS = 5_000;

const claims = z.object({ projectId: z.string().min(1).optional() });

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
  readonly #digest: string;
  readonly #ending: AbortSignal;
  #acceptedAt = Number.NEGATIVE_INFINITY;
  #refusedAt = Number.NEGATIVE_INFINITY;
  #project: string | undefined;
  #asking: Promise<string | undefined> | undefined;
  /** Until then, upstream answers 429. */
  #limitedUntil = Number.NEGATIVE_INFINITY;
  readonly #undeclaredLimit = new UndeclaredLimit(Math.random);

  /**
   * @param digest - names the project if upstream does not.
   * @param ending - ends every wait for the budget, so that waiting callers are answered.
   */
  constructor(
    transport: Transport,
    { scheme, secret }: PresentedCredentials,
    digest: string,
    ending: AbortSignal,
  ) {
    this.#transport = transport;
    this.#ending = ending;
    this.#isToken = scheme === 'bearer';
    this.#digest = digest;
    this.#credentials = this.#isToken
      ? createTokenCredentials(secret)
      : createApiKeyCredentials(transport, secret);
  }

  /**
   * The key of the project, the same for all of its credentials.
   *
   * @throws {UnauthorizedError} if upstream refuses them.
   * @throws {BudgetExhaustedError} as soon as it is known that the budget allows no check within the caller's wait.
   * @throws {CancelledError} if the caller disconnects meanwhile, or the gateway is stopping.
   * @throws the errors of `Transport.send`, and UpstreamStatusError for any other answer.
   */
  async project(caller: WaitLimits): Promise<string> {
    for (;;) {
      const now = performance.now();
      if (now < this.#refusedAt + REFUSED_MS)
        throw new UnauthorizedError('upstream has just refused these credentials');
      if (this.#project !== undefined && now < this.#acceptedAt + BELIEVED_MS) return this.#project;
      // Each caller waits on its own, because their deadlines differ; the first one awake asks for all.
      const limitedMs = this.#limitedUntil - now;
      if (limitedMs > 0) await this.#waitForBudget(limitedMs, caller);
      else {
        const project = await this.#askForAll(caller);
        if (project !== undefined) return project;
      }
    }
  }

  /** @returns undefined if upstream's budget is spent. */
  async #askForAll({ signal }: WaitLimits): Promise<string | undefined> {
    if (signal?.aborted) throw new CancelledError('the caller disconnected');
    this.#asking ??= this.#askTwice().finally(() => {
      this.#asking = undefined;
    });
    const asking = this.#asking;
    // The question has a time limit of its own, and goes on for the others if this caller leaves.
    if (await endsInTime(asking, { deadline: Number.POSITIVE_INFINITY, signal })) return asking;
    throw new CancelledError('the caller disconnected');
  }

  authorization(): Promise<string> {
    return this.#credentials.authorization();
  }

  async renew(refused: string): Promise<void> {
    try {
      await this.#credentials.renew(refused);
    } catch (error) {
      if (error instanceof UnauthorizedError) this.#refuse();
      throw error;
    }
  }

  accepted(sentAt: number): void {
    // A request sent before a refusal proves nothing after it.
    if (sentAt > this.#refusedAt) this.#acceptedAt = Math.max(this.#acceptedAt, sentAt);
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
      const { projectId } = readClaims(authorization);
      if (this.#isToken && !(await this.#tryToken(authorization))) return undefined;
      this.#project = projectId === undefined ? `credentials ${this.#digest}` : `project ${projectId}`;
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
    if (status === 401 || status === 403) throw new UnauthorizedError('upstream refused the token');
    if (status === 429) this.#noteLimit(answer);
    else if (status !== 200) throw new UpstreamStatusError(status, `GET ${path}`);
    else this.#undeclaredLimit.named();
    return status === 200;
  }

  #noteLimit({ headers, sentAt, receivedAt }: HttpAnswer): void {
    const seconds = toSeconds(headers['x-ratelimit-retry-after']);
    if (seconds === undefined) this.#undeclaredLimit.refused(sentAt, receivedAt);
    this.#limitedUntil =
      seconds === undefined ? this.#undeclaredLimit.pausedUntil : receivedAt + seconds * 1000;
  }

  async #waitForBudget(ms: number, { deadline, signal }: WaitLimits): Promise<void> {
    const over = signal ? AbortSignal.any([signal, this.#ending]) : this.#ending;
    if (await pause(ms, { deadline, signal: over })) return;
    if (over.aborted) throw new CancelledError('the caller disconnected, or the gateway is stopping');
    throw new BudgetExhaustedError(Math.ceil(ms / 1000));
  }

  #refuse(): void {
    this.#acceptedAt = Number.NEGATIVE_INFINITY;
    this.#refusedAt = performance.now();
  }
}

/** At most a minute, the length of a window: upstream's value is not trusted blindly. Undefined if there is none. */
function toSeconds(header: unknown): number | undefined {
  if (typeof header !== 'string' || !/^-?\d{1,15}$/.test(header.trim())) return undefined;
  return Math.min(60, Math.max(1, Number(header)));
}

/** Only the caller can renew a caller's token. */
function createTokenCredentials(token: string): Credentials {
  return {
    authorization: async () => `Bearer ${token}`,
    renew: () => Promise.reject(new UnauthorizedError('upstream refused the token')),
  };
}

/** The claims of a token that upstream vouches for; a token that is not a JWT claims nothing. */
function readClaims(authorization: string): z.infer<typeof claims> {
  const payload = authorization.split('.')[1] ?? '';
  try {
    return claims.parse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')));
  } catch {
    return {};
  }
}
