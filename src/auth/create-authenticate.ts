// The mode of AUTH that the configuration names.
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import type { Projects } from '../removal/projects.ts';
import type { Exchange } from '../upstream/exchange.ts';
import { createApiKeyCredentials } from '../upstream/tokens.ts';
import { type Access, type Authenticate, EVERY_SCOPE } from './access.ts';
import { createJwtAuthenticate } from './jwt.ts';
import { createPassthroughAuthenticate } from './passthrough.ts';

/**
 * @param exchange - for requests about credentials of callers, and so about no project yet.
 * @throws {Error} where the configuration has no key and AUTH is not `passthrough`.
 */
export function createAuthenticate(
  config: Config,
  exchange: Exchange,
  projects: Projects,
  logger: Logger,
): Authenticate {
  const { auth, apiKey } = config;
  if (auth.mode === 'passthrough') return createPassthroughAuthenticate(exchange, projects);
  if (apiKey === undefined) throw new Error('expected the API key of a project, and it is not set');
  const project = projects.enter('own');
  const credentials = createApiKeyCredentials(project.exchange, apiKey);
  const enter: Access['enter'] = async () => ({ project, credentials });
  if (auth.mode === 'jwt') return createJwtAuthenticate(auth, enter, logger);
  const anybody: Access = { viewer: { subject: 'anonymous', scopes: EVERY_SCOPE }, enter };
  return async () => anybody;
}
