// Finds the project of a request, and answers the two calls that hand out tokens.
import * as z from 'zod';
import { type Answer, invalidAuthorization, missingAuthorization, wrongCredentials } from './problems.ts';
import type { ProjectState } from './sandbox-project.ts';
import type { Tokens } from './tokens.ts';

/** The projects that a credential may belong to. */
export type Keyring = {
  readonly projects: ReadonlyMap<string, ProjectState>;
  readonly tokens: Tokens;
};

/** The project of an Authorization header; undefined if the header is missing, malformed, wrong, expired or revoked. */
export function findProject(header: string | undefined, keyring: Keyring): ProjectState | undefined {
  const [, scheme, credentials = ''] = /^(Bearer|Basic) +(\S+)$/i.exec(header ?? '') ?? [];
  if (scheme === undefined) return undefined;
  if (scheme.toLowerCase() === 'bearer') {
    return keyring.projects.get(keyring.tokens.projectOf(credentials) ?? '');
  }
  // The API key is the user name, and the password is empty.
  const [, apiKey] = /^([^:]*):$/.exec(Buffer.from(credentials, 'base64').toString('utf8')) ?? [];
  return apiKey === undefined ? undefined : findByKey(apiKey, keyring);
}

export function answerUnauthorized(header: string | undefined): Answer {
  return header === undefined ? missingAuthorization() : invalidAuthorization();
}

const apiKeyBody = z.object({ apiKey: z.string() });
const refreshBody = z.object({ refreshToken: z.string() });

/** POST /auth/api-key */
export function exchangeApiKey(body: unknown, keyring: Keyring): Answer {
  const parsed = apiKeyBody.safeParse(body);
  const project = parsed.success ? findByKey(parsed.data.apiKey, keyring) : undefined;
  if (!project) return wrongCredentials();
  const { answer, keep } = keyring.tokens.issue(project.projectId);
  return { status: 200, json: answer, commit: keep };
}

/** POST /auth/refresh */
export function refreshTokens(body: unknown, { tokens }: Keyring): Answer {
  const parsed = refreshBody.safeParse(body);
  const projectId = parsed.success ? tokens.projectToRefresh(parsed.data.refreshToken) : undefined;
  if (!parsed.success || projectId === undefined) return wrongCredentials();
  const { answer, keep } = tokens.issue(projectId);
  const commit = () => {
    tokens.useRefresh(parsed.data.refreshToken);
    keep();
  };
  return { status: 200, json: answer, commit };
}

function findByKey(apiKey: string, { projects }: Keyring): ProjectState | undefined {
  for (const project of projects.values()) {
    if (project.accepts(apiKey)) return project;
  }
  return undefined;
}
