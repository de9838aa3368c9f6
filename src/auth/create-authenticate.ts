// Builds the authentication for the configured mode of AUTH.
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import type { Projects } from '../project/projects.ts';
import { createApiKeyCredentials } from '../upstream/credentials.ts';
import type { Transport } from '../upstream/transport.ts';
import { type Access, type Authenticate, EVERY_SCOPE } from './access.ts';
import { createJwtAuthenticate } from './jwt.ts';
import { createPassthroughAuthenticate } from './passthrough.ts';

/**
 * @param transport - for requests that check a caller's credentials, before their project is known.
 * @throws {Error} if the configuration has no key and AUTH is not `passthrough`.
 */
export function createAuthenticate(
  config: Config,
  transport: Transport,
  projects: Projects,
  logger: Logger,
): Authenticate {
  const { auth, apiKey } = config;
  if (auth.mode === 'passthrough') return createPassthroughAuthenticate(transport, projects);
  if (apiKey === undefined)
    throw new Error('expected apiKey, the key of an api.video project, and it is not set');
  const project = projects.createOwn();
  const credentials = createApiKeyCredentials(project.transport, apiKey);
  const enter: Access['enter'] = async () => ({ project, credentials });
  if (auth.mode === 'jwt') return createJwtAuthenticate(auth, enter, logger);
  const anybody: Access = { viewer: { subject: 'anonymous', scopes: EVERY_SCOPE }, enter };
  return async () => anybody;
}
