// One caller's credentials of api.video: whose project they are of, believed on upstream's word alone.
import * as z from 'zod';
import type { WaitLimits } from '../upstream/caller.ts';
import { type Credentials, createApiKeyCredentials } from '../upstream/credentials.ts';
import { pause } from '../upstream/pause.ts';
import type { HttpAnswer, Transport } from '../upstream/transport.ts';
import { UndeclaredLimit } from '../upstream/undeclared-limit.ts';
import {
  BudgetExhaustedError,
  CancelledError,
  UnauthorizedError,
  UpstreamStatusError,
} from '../upstream/upstream-errors.ts';

/** What a request presented: an API key, or an access token. */
export type PresentedCredentials = { readonly scheme: 'basic' | 'bearer'; readonly secret: string };

/**
 * Without an accepted request for so long, upstream is asked again: what is known of a project is for those it still knows.
 * What others have read of it is shown for a shorter time, see `SharedReads`.
 */
const BELIEVED_MS = 60_000;
/** So long refused credentials stay refused, so that a client that repeats does not make the gateway repeat. */
const REFUSED_MS = 5_000;

const claims = z.object({ projectId: z.string().min(1).optional() });

/**
 * The project that an access token names can be made up by anybody; so it counts only for a token that came from
 * upstream, or that upstream has accepted.
 *
 * For the same reason the read that shows it goes past the governor of that project: a stranger's token would stand in
 * line there, take the place of those whose project it is, and learn from the wait what is left of their budget. Nor is it
 * booked there afterwards, where requests are accounted for from their send on; the next answer tells what is left.
 * So each token waits for itself where upstream answers 429: as long as upstream says, within the caller's wait.
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
  /** Until then upstream answers 429. */
  #limitedUntil = Number.NEGATIVE_INFINITY;
  readonly #undeclaredLimit = new UndeclaredLimit(Math.random);

  /**
   * @param digest - names its project where upstream does not.
   * @param ending - ends every wait for the budget, so that whoever waits is answered.
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
   * The key of the project, the same for all credentials of it.
   *
   * @throws {UnauthorizedError} where upstream refuses them.
   * @throws {BudgetExhaustedError} where its budget does not allow to ask within the caller's wait, as soon as that is known.
   * @throws {CancelledError} where the caller has gone away meanwhile, or the gateway ends.
   * @throws the errors of `Transport.send`, where upstream could not be asked.
   */
  async project(caller: WaitLimits): Promise<string> {
    for (;;) {
      const now = performance.now();
      if (now < this.#refusedAt + REFUSED_MS)
        throw new UnauthorizedError('upstream has just refused these credentials');
      if (this.#project !== undefined && now < this.#acceptedAt + BELIEVED_MS) return this.#project;
      // Whoever waits does so alone, since each has another deadline; the first one awake asks for all.
      const limitedMs = this.#limitedUntil - now;
      if (limitedMs > 0) await this.#waitForBudget(limitedMs, caller);
      else {
        const project = await this.#askForAll();
        if (project !== undefined) return project;
      }
    }
  }

  /** @returns undefined where upstream's budget is spent. */
  async #askForAll(): Promise<string | undefined> {
    this.#asking ??= this.#askTwice().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
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
    // An answer to what was sent before a refusal says nothing after it.
    if (sentAt > this.#refusedAt) this.#acceptedAt = Math.max(this.#acceptedAt, sentAt);
  }

  get acceptedAt(): number {
    return this.#acceptedAt;
  }

  /** Once more where no answer came: a kept-alive connection may just have died. */
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
      // A token that was had before says nothing of the key now.
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

  /** The cheapest request that shows whether upstream accepts a token. @returns false where its budget is spent. */
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

/** What upstream says is not trusted blindly: a window is a minute. Undefined where it says nothing. */
function toSeconds(header: unknown): number | undefined {
  if (typeof header !== 'string' || !/^-?\d{1,15}$/.test(header.trim())) return undefined;
  return Math.min(60, Math.max(1, Number(header)));
}

/** A caller's token cannot be renewed by anybody but the caller. */
function createTokenCredentials(token: string): Credentials {
  return {
    authorization: async () => `Bearer ${token}`,
    renew: () => Promise.reject(new UnauthorizedError('upstream refused the token')),
  };
}

/** Of a token that upstream vouches for; one that is no JWT claims nothing. */
function readClaims(authorization: string): z.infer<typeof claims> {
  const payload = authorization.split('.')[1] ?? '';
  try {
    return claims.parse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')));
  } catch {
    return {};
  }
}
