// Builds the authentication for the configured mode of AUTH.
import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import { createApiKeyCredentials } from '../upstream/credentials.ts';
import { type Access, type Authentication, EVERY_SCOPE, type Holder } from './access.ts';
import { createJwtAuthenticate } from './jwt.ts';
import type { KeySet } from './key-set.ts';
import { createPassthroughAuthenticate, type PassthroughParts } from './passthrough.ts';

/** What the modes need; `keySet` has the keys of `JWT_JWKS_URL`, if that is set. `findLogger` is of the current request. */
export type AuthParts = PassthroughParts & {
  readonly findLogger: () => Logger;
  readonly keySet: KeySet | undefined;
};

/**
 * @throws {Error} if the configuration has no key and AUTH is not `passthrough`.
 */
export function createAuthenticate(
  { auth, apiKey, baseUrl }: Pick<Config, 'auth' | 'apiKey' | 'baseUrl'>,
  { findLogger, keySet, ...parts }: AuthParts,
): Authentication {
  if (auth.mode === 'passthrough') return createPassthroughAuthenticate(parts, baseUrl);
  if (apiKey === undefined)
    throw new Error('expected apiKey, the key of an api.video project, and it is not set');
  const project = parts.projects.createOwn();
  const credentials = createApiKeyCredentials(project.transport, apiKey, parts.onNoToken);
  const enterAs = (owner: string | undefined): Access['enter'] => {
    const holder: Holder = { project: 'own', owner, presented: undefined };
    return async () => ({ project, credentials, holder });
  };
  const resumption = {
    name: toDigest(baseUrl.href, apiKey),
    async target() {
      await credentials.authorization();
      // The project stays the same when its key is replaced. A token that names none leaves the key.
      const { projectId = `of the key ${createHash('sha256').update(apiKey).digest('hex').slice(0, 16)}` } =
        credentials;
      return `${baseUrl.href} project ${projectId}`;
    },
    resume: async () => ({ project, credentials, holder: undefined }),
  };
  if (auth.mode === 'jwt')
    return { ...resumption, authenticate: createJwtAuthenticate(auth, keySet, enterAs, findLogger) };
  const viewer = { subject: 'anonymous', scopes: EVERY_SCOPE };
  const anybody: Access = { viewer, expiresAt: undefined, enter: enterAs('anonymous') };
  return { ...resumption, authenticate: async () => anybody };
}

function toDigest(...texts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(texts)).digest('base64url');
}
