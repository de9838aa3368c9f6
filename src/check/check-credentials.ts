// Checks of the key, of wrong credentials, and of the token. Findings never contain the key or a token.
import { type Claims, readClaims } from '../upstream/access-token.ts';
import { isRefused } from '../upstream/credentials.ts';
import { readAccessToken, ShapeError } from '../upstream/shapes.ts';
import { type CheckRun, MADE_UP, once, type UpstreamCheck } from './check-run.ts';
import { asAssumed, differs, NotCheckedError } from './finding.ts';

/** The gateway renews a token after nine tenths of its life: shorter lives cost requests. */
const SHORT_LIFE_SECONDS = 600;

type Token = {
  readonly lifetimeSeconds: number;
  /** Undefined if the token is no JWT. */
  readonly claims: Claims | undefined;
  readonly seenAt: number;
};

const readToken = once(async ({ client }: CheckRun): Promise<Token> => {
  const authorization = await client.authorization();
  const exchange = client.seen.findLast(({ kind, answer }) => kind === 'auth' && answer.status === 200);
  if (!exchange) throw new TypeError('there is a token, and no answer brought it');
  return {
    lifetimeSeconds: readAccessToken(exchange.answer.body).lifetimeSeconds,
    claims: readClaims(authorization.slice('Bearer '.length)),
    seenAt: exchange.at,
  };
});

/** The project that the token names; undefined if it names none or there is no token. */
export async function readProjectId(run: CheckRun): Promise<string | undefined> {
  try {
    return (await readToken(run)).claims?.projectId;
  } catch (error) {
    if (error instanceof NotCheckedError || error instanceof ShapeError) return undefined;
    throw error;
  }
}

export const CREDENTIALS: readonly UpstreamCheck[] = [
  {
    name: 'key',
    async perform(run) {
      await readToken(run);
      return asAssumed('The key is accepted.');
    },
  },
  {
    name: 'wrong key',
    async perform({ client }) {
      const request = {
        method: 'POST',
        path: '/auth/api-key',
        headers: {},
        json: { apiKey: MADE_UP },
      } as const;
      const answer = await client.unsigned('auth', request);
      const { status } = answer;
      if (isRefused(answer)) return asAssumed(`A wrong key gets ${status}.`);
      const isKnown = status === 400 || status === 403;
      return differs(
        isKnown
          ? `A wrong key gets ${status} without a problem document.`
          : `A wrong key gets ${status}, not 400, 401 or 403.`,
        'If the key becomes wrong, calls fail with UPSTREAM_UNAVAILABLE instead of UPSTREAM_UNAUTHORIZED.',
      );
    },
  },
  {
    name: 'wrong token',
    async perform({ client }) {
      const headers = { authorization: `Bearer ${MADE_UP}` };
      const path = '/videos?currentPage=1&pageSize=1';
      const { status } = await client.unsigned('read', { method: 'GET', path, headers });
      if (status === 401) return asAssumed('A wrong token gets 401.');
      return differs(
        `A wrong token gets ${status}, not 401.`,
        'The gateway renews a token only after a 401: if api.video revokes one early, calls fail until it expires.',
      );
    },
  },
  {
    name: 'token lifetime',
    async perform(run) {
      const { lifetimeSeconds, claims, seenAt } = await readToken(run);
      const found = `A token lives ${lifetimeSeconds} s.`;
      if (lifetimeSeconds < SHORT_LIFE_SECONDS) {
        return differs(found, 'The gateway works, and fetches a new token that often.');
      }
      const claimedSeconds = claims?.exp === undefined ? undefined : claims.exp - seenAt / 1000;
      if (claimedSeconds !== undefined && claimedSeconds < lifetimeSeconds * 0.9) {
        return differs(
          `A token lives ${lifetimeSeconds} s by expires_in, and ${Math.round(claimedSeconds)} s by its own exp and this machine's clock.`,
          'The gateway goes by expires_in, so requests may meet an expired token. It renews that after the 401. Check the clock.',
        );
      }
      return asAssumed(found);
    },
  },
  {
    name: 'project',
    async perform(run) {
      const { claims } = await readToken(run);
      if (claims?.projectId !== undefined) return asAssumed(`The token names project ${claims.projectId}.`);
      return differs(
        claims ? 'The token names no projectId.' : 'The token is no JWT, so it names no project.',
        'With AUTH=passthrough, callers with different credentials of one project do not share its rate limit, locks and proofs: use one key for each project, or AUTH=jwt.',
      );
    },
  },
];
