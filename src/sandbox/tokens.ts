// Issues access and refresh tokens. Access tokens are JWTs as upstream's are, but the sandbox looks up the token
// itself. It accepts only tokens that it issued, and that are neither revoked nor expired.
import { createHmac, randomBytes, randomUUID } from 'node:crypto';

export type TokenAnswer = {
  readonly token_type: 'Bearer';
  readonly expires_in: number;
  readonly access_token: string;
  readonly refresh_token: string;
};

export class Tokens {
  readonly #lifetimeSeconds: number;
  readonly #now: () => number;
  readonly #secret = randomBytes(32);
  readonly #access = new Map<string, { projectId: string; expiresAt: number }>();
  readonly #refresh = new Map<string, string>();

  constructor(lifetimeSeconds: number, now: () => number) {
    this.#lifetimeSeconds = lifetimeSeconds;
    this.#now = now;
  }

  /**
   * A new pair for a project. It becomes valid only with `keep`, so that a fault can show the answer of a request
   * without effect.
   */
  issue(projectId: string): { answer: TokenAnswer; keep: () => void } {
    const now = this.#now();
    const iat = Math.floor(now / 1000);
    const claims = { projectId, iat, exp: iat + this.#lifetimeSeconds, jti: randomUUID() };
    const answer: TokenAnswer = {
      token_type: 'Bearer',
      expires_in: this.#lifetimeSeconds,
      access_token: this.#sign(claims),
      refresh_token: randomBytes(32).toString('hex'),
    };
    const keep = () => {
      this.#forgetExpired();
      this.#access.set(answer.access_token, { projectId, expiresAt: now + this.#lifetimeSeconds * 1000 });
      this.#refresh.set(answer.refresh_token, projectId);
    };
    return { answer, keep };
  }

  /** The project of a token that is valid now. */
  projectOf(accessToken: string): string | undefined {
    const issued = this.#access.get(accessToken);
    return issued && issued.expiresAt > this.#now() ? issued.projectId : undefined;
  }

  projectToRefresh(refreshToken: string): string | undefined {
    return this.#refresh.get(refreshToken);
  }

  /** A refresh token works once. */
  useRefresh(refreshToken: string): void {
    this.#refresh.delete(refreshToken);
  }

  revokeAccess(projectId: string): void {
    for (const [token, issued] of this.#access) {
      if (issued.projectId === projectId) this.#access.delete(token);
    }
  }

  revokeRefresh(projectId: string): void {
    for (const [token, owner] of this.#refresh) {
      if (owner === projectId) this.#refresh.delete(token);
    }
  }

  #sign(claims: object): string {
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
    const signed = `${encode({ typ: 'JWT', alg: 'HS256' })}.${encode(claims)}`;
    return `${signed}.${createHmac('sha256', this.#secret).update(signed).digest('base64url')}`;
  }

  #forgetExpired(): void {
    const now = this.#now();
    for (const [token, issued] of this.#access) {
      if (issued.expiresAt <= now) this.#access.delete(token);
    }
  }
}
