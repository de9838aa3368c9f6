// AUTH=passthrough: callers send their own api.video credentials, and each works on the project that these belong to.
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Projects } from '../project/projects.ts';
import { readClaims } from '../upstream/access-token.ts';
import type { WaitLimits } from '../upstream/caller.ts';
import type { Transport } from '../upstream/transport.ts';
import { UnauthorizedError } from '../upstream/upstream-errors.ts';
import type { OnWait } from '../upstream/wait-clocks.ts';
import {
  type Authentication,
  createInvalidTokenError,
  createOverloadedError,
  createUnauthenticatedError,
  type Entrance,
  EVERY_SCOPE,
  type Holder,
  readBearer,
} from './access.ts';
import { CheckLimits } from './check-limits.ts';
import { Identity, type PresentedCredentials } from './identity.ts';
import { TooManyRefusalsError } from './refusal-limit.ts';

/** Of an Authorization header. Tokens of api.video have about a thousand characters. */
const MAX_CHARACTERS = 8_192;
/** An expired token is refused without asking upstream, unless the clocks may differ by this. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;
/** How long the check of the credentials of an operation may wait for upstream's rate limit. */
const RESUME_MS = 60_000;
/** Memory for identities that upstream has accepted, and for the others: strangers cannot push out callers. */
const MAX_ACCEPTED_BYTES = 32 * 1024 * 1024;
const MAX_STRANGERS_BYTES = 4 * 1024 * 1024;
/** An identity without its secret, measured for an API key that was refused. */
const BYTES_PER_IDENTITY = 4_000;

const EXPECTED =
  'Expected api.video credentials in the Authorization header: Basic with the API key as user name and an empty password, or Bearer with an access token.';
const TOO_LONG = `Expected an Authorization header of at most ${MAX_CHARACTERS} characters, and got a longer one.`;

export type PassthroughParts = {
  /** For requests that check a caller's credentials, before their project is known. */
  readonly transport: Transport;
  readonly projects: Projects;
  /** Logs each address and project for which too many credentials were refused. */
  readonly warnOnce: (key: string, message: string) => void;
  /** Called while a caller waits for upstream's rate limit. */
  readonly onWait: OnWait;
  /** Called with the reason each time that an API key got no token, unless upstream refused the key. */
  readonly onNoToken: (reason: string) => void;
};

export function createPassthroughAuthenticate(
  { transport, projects, warnOnce, onWait, onNoToken }: PassthroughParts,
  baseUrl: URL,
): Authentication {
  const target = `passthrough ${baseUrl.href}`;
  const limits = new CheckLimits((key) =>
    warnOnce(
      key,
      `api.video refused too many credentials from or for ${JSON.stringify(key.slice(0, 100))}, so the gateway refuses new ones for up to a minute at a time`,
    ),
  );
  /** Both by digest. */
  const accepted = createStore(MAX_ACCEPTED_BYTES);
  const strangers = createStore(MAX_STRANGERS_BYTES);

  function find(digest: string, presented: PresentedCredentials): Identity {
    const known = accepted.get(digest) ?? strangers.get(digest);
    if (known) return known;
    const identity = new Identity(transport, presented, digest, projects.ending, onWait, onNoToken);
    strangers.set(digest, identity, { size: BYTES_PER_IDENTITY + presented.secret.length });
    return identity;
  }

  function keep(digest: string, identity: Identity, { secret }: PresentedCredentials): void {
    strangers.delete(digest);
    if (!accepted.has(digest)) accepted.set(digest, identity, { size: BYTES_PER_IDENTITY + secret.length });
  }

  async function enter(
    presented: PresentedCredentials,
    address: string | undefined,
    caller: WaitLimits,
  ): Promise<Entrance> {
    const digest = toDigest(presented);
    const identity = find(digest, presented);
    const project = await identity.project(caller, (claimed, check) => limits.run(address, claimed, check));
    keep(digest, identity, presented);
    return {
      project: projects.enter(project),
      credentials: identity,
      holder: toHolder(project, identity, presented),
    };
  }

  return {
    name: target,
    target: async () => target,
    async authenticate(request, address) {
      const presented = readPresentedCredentials(request.headers.get('authorization'));
      return {
        viewer: { subject: `${presented.scheme} ${toDigest(presented).slice(0, 16)}`, scopes: EVERY_SCOPE },
        expiresAt: toExpiry(presented) ?? undefined,
        async enter(caller) {
          try {
            return await enter(presented, address, caller);
          } catch (error) {
            if (error instanceof TooManyRefusalsError) {
              const message =
                'api.video has refused too many credentials from this address, or for this project. Retry later.';
              throw createOverloadedError(message, error.retryAfterSeconds);
            }
            if (!(error instanceof UnauthorizedError)) throw error;
            throw createInvalidTokenError('api.video refused these credentials.');
          }
        },
      };
    },
    async resume(text, signal) {
      const [, scheme, secret] = /^(basic|bearer) (.+)$/.exec(text ?? '') ?? [];
      if ((scheme !== 'basic' && scheme !== 'bearer') || secret === undefined)
        throw new Error('expected the credentials of a caller, and found none');
      const presented: PresentedCredentials = { scheme, secret };
      const expiresAt = toExpiry(presented);
      if (expiresAt !== null && expiresAt < Date.now() - CLOCK_TOLERANCE_MS)
        throw new UnauthorizedError('the token of the caller has expired');
      return enter(presented, undefined, { deadline: performance.now() + RESUME_MS, signal });
    },
  };
}

/** Undefined for a token that names no project: the caller's next one would be somebody else. */
function toHolder(
  project: string,
  { projectId }: Identity,
  presented: PresentedCredentials,
): Holder | undefined {
  const { scheme, secret } = presented;
  if (projectId === undefined && scheme === 'bearer') return undefined;
  // All who have credentials of a project may do anything in it.
  const owner = 'project';
  return { project, owner, presented: { text: `${scheme} ${secret}`, expiresAt: toExpiry(presented) } };
}

function toExpiry({ scheme, secret }: PresentedCredentials): number | null {
  const expiry = scheme === 'bearer' ? readClaims(secret)?.exp : undefined;
  return expiry === undefined ? null : expiry * 1_000;
}

function toDigest({ scheme, secret }: PresentedCredentials): string {
  return createHash('sha256').update(`${scheme} ${secret}`).digest('hex');
}

function createStore(maxSize: number): LRUCache<string, Identity> {
  return new LRUCache({ maxSize });
}

/** @throws {GraphQLError} UNAUTHENTICATED for what cannot be credentials of api.video. */
function readPresentedCredentials(header: string | null): PresentedCredentials {
  const isLong = header !== null && header.length > MAX_CHARACTERS;
  const token = isLong ? undefined : readBearer(header);
  if (token !== undefined) {
    const claims = readClaims(token);
    if (!claims)
      throw createInvalidTokenError(
        'Expected an access token of api.video, which is a JWT, and got something else.',
      );
    if (claims.exp !== undefined && claims.exp * 1000 < Date.now() - CLOCK_TOLERANCE_MS)
      throw createInvalidTokenError('The token has expired. Get a new one.');
    return { scheme: 'bearer', secret: token };
  }
  const encoded = isLong ? undefined : /^Basic +([A-Za-z0-9+/]+=*) *$/i.exec(header ?? '')?.[1];
  // A key that does not fit into a header is no API key, and api.video expects an empty password.
  const apiKey = /^([\x21-\x39\x3b-\x7e]+):$/.exec(
    Buffer.from(encoded ?? '', 'base64').toString('latin1'),
  )?.[1];
  if (apiKey === undefined) {
    // RFC 6750 names an error only for schemes that are supported. Others count as no credentials.
    const isKnownScheme = /^(?:Basic|Bearer)(?![^ ])/i.test(header ?? '');
    throw (isKnownScheme ? createInvalidTokenError : createUnauthenticatedError)(
      isLong && isKnownScheme ? TOO_LONG : EXPECTED,
    );
  }
  return { scheme: 'basic', secret: apiKey };
}
