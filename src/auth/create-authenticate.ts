// Builds the authentication for the configured mode of AUTH.
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import { createApiKeyCredentials } from '../upstream/credentials.ts';
import { type Access, type Authenticate, EVERY_SCOPE } from './access.ts';
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
  { auth, apiKey }: Pick<Config, 'auth' | 'apiKey'>,
  { findLogger, keySet, ...parts }: AuthParts,
): Authenticate {
  if (auth.mode === 'passthrough') return createPassthroughAuthenticate(parts);
  if (apiKey === undefined)
    throw new Error('expected apiKey, the key of an api.video project, and it is not set');
  const project = parts.projects.createOwn();
  const credentials = createApiKeyCredentials(project.transport, apiKey, parts.onNoToken);
  const enter: Access['enter'] = async () => ({ project, credentials });
  if (auth.mode === 'jwt') return createJwtAuthenticate(auth, keySet, enter, findLogger);
  const anybody: Access = { viewer: { subject: 'anonymous', scopes: EVERY_SCOPE }, enter };
  return async () => anybody;
}
