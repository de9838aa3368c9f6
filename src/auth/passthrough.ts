// AUTH=passthrough: callers send their own api.video credentials, and each works on the project that these belong to.
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Projects } from '../project/projects.ts';
import type { Transport } from '../upstream/transport.ts';
import { UnauthorizedError } from '../upstream/upstream-errors.ts';
import { type Authenticate, createUnauthenticatedError, EVERY_SCOPE, readBearer } from './access.ts';
import { Identity, type PresentedCredentials } from './identity.ts';

/** Maximum number of identities kept; a refused one is soon the oldest. */
const MAX_IDENTITIES = 10_000;

/** @param transport - for requests that check a caller's credentials, before their project is known. */
export function createPassthroughAuthenticate(transport: Transport, projects: Projects): Authenticate {
  /** By digest. */
  const identities = new LRUCache<string, Identity>({ max: MAX_IDENTITIES });

  function find(digest: string, presented: PresentedCredentials): Identity {
    const known = identities.get(digest);
    if (known) return known;
    const identity = new Identity(transport, presented, digest, projects.ending);
    identities.set(digest, identity);
    return identity;
  }

  return async (request) => {
    const presented = readPresentedCredentials(request.headers.get('authorization'));
    if (!presented) {
      throw createUnauthenticatedError(
        'Expected api.video credentials in the Authorization header: Basic with the API key as user name and an empty password, or Bearer with an access token.',
      );
    }
    const digest = createHash('sha256').update(`${presented.scheme} ${presented.secret}`).digest('hex');
    return {
      viewer: { subject: `${presented.scheme} ${digest.slice(0, 16)}`, scopes: EVERY_SCOPE },
      async enter(caller) {
        const identity = find(digest, presented);
        try {
          return { project: projects.enter(await identity.project(caller)), credentials: identity };
        } catch (error) {
          if (!(error instanceof UnauthorizedError)) throw error;
          throw createUnauthenticatedError('api.video refused these credentials.');
        }
      },
    };
  };
}

function readPresentedCredentials(header: string | null): PresentedCredentials | undefined {
  const token = readBearer(header);
  if (token !== undefined) return { scheme: 'bearer', secret: token };
  const encoded = /^Basic +([A-Za-z0-9+/]+=*) *$/i.exec(header ?? '')?.[1];
  // A key that does not fit into a header is no API key, and api.video expects an empty password.
  const apiKey = /^([\x21-\x39\x3b-\x7e]+):$/.exec(
    Buffer.from(encoded ?? '', 'base64').toString('latin1'),
  )?.[1];
  return apiKey === undefined ? undefined : { scheme: 'basic', secret: apiKey };
}
