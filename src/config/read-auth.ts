// Reads who may call. It fails closed: a setting without effect, or with half of its counterpart missing, is a fault.
import { isLoopback } from './addresses.ts';
import { quoteSetting } from './clean-setting.ts';
import type { Config } from './config.ts';
import type { Given, GivenSettings } from './read-given.ts';

export const AUTH_MODES = ['none', 'passthrough', 'jwt'] as const;

const ONLY_JWT = [
  'JWT_JWKS_URL',
  'JWT_SECRET',
  'JWT_ISSUER',
  'JWT_AUDIENCE',
  'JWT_CLIENT_IDS',
  'JWT_SCOPE_CLAIMS',
  'JWT_SCOPE_PREFIX',
];

export type AuthVariables = {
  readonly AUTH: Config['auth']['mode'];
  readonly JWT_JWKS_URL?: string | undefined;
  readonly JWT_SECRET?: string | undefined;
  readonly JWT_ISSUER?: string | undefined;
  readonly JWT_AUDIENCE: readonly string[];
  readonly JWT_CLIENT_IDS: readonly string[];
  readonly JWT_SCOPE_CLAIMS: readonly string[];
  readonly JWT_SCOPE_PREFIX?: string | undefined;
};

/** Undefined for a value that is no mode: a fault that says nothing about the settings that depend on the mode. */
export function readAuthMode({ AUTH = 'none' }: Given): Config['auth']['mode'] | undefined {
  return AUTH_MODES.find((mode) => mode === AUTH);
}

/** @param sandbox - whether the embedded sandbox is served, which has nothing real to delete. */
export function findAuthFaults(given: GivenSettings, sandbox: boolean): string[] {
  const mode = readAuthMode(given.values);
  if (mode === undefined) return [];
  const { HOST: host = '127.0.0.1', ALLOW_UNAUTHENTICATED: open } = given.values;
  const faults: string[] = [];
  if (mode === 'none' && !sandbox && !isLoopback(host) && open !== 'true') {
    faults.push(
      `HOST: expected a loopback address such as 127.0.0.1, because AUTH=none lets anyone call, and got ${quoteSetting(host)}; set AUTH to passthrough or jwt, or set ALLOW_UNAUTHENTICATED=true if a proxy in front of the gateway authenticates callers`,
    );
  }
  if (mode === 'passthrough' && given.has('APIVIDEO_API_KEY')) {
    faults.push(
      `${given.source('APIVIDEO_API_KEY')}: expected none with AUTH=passthrough, because callers send their own credentials, and it is set`,
    );
  }
  if (mode === 'jwt') return [...faults, ...findMissing(given)];
  const idle = ONLY_JWT.filter((name) => given.has(name)).map((name) => given.source(name));
  return [
    ...faults,
    ...idle.map((name) => `${name}: expected AUTH=jwt with this setting, and got AUTH=${quoteSetting(mode)}`),
  ];
}

function findMissing(given: GivenSettings): string[] {
  const faults: string[] = [];
  if (given.has('JWT_JWKS_URL') === given.has('JWT_SECRET')) {
    const got = given.has('JWT_SECRET') ? 'both are set' : 'neither is set';
    faults.push(`JWT_JWKS_URL: expected either this or JWT_SECRET with AUTH=jwt, and ${got}`);
  }
  const missing = 'expected the value that tokens must have with AUTH=jwt, and it is not set';
  if (!given.has('JWT_ISSUER')) faults.push(`JWT_ISSUER: ${missing}`);
  if (!given.has('JWT_AUDIENCE') && !given.has('JWT_CLIENT_IDS'))
    faults.push(`JWT_AUDIENCE: ${missing}; if your tokens have no aud, set JWT_CLIENT_IDS instead`);
  return faults;
}

/** @param data - settings in which `findAuthFaults` finds none. */
export function toAuth(data: AuthVariables): Config['auth'] {
  if (data.AUTH !== 'jwt') return { mode: data.AUTH };
  const {
    JWT_JWKS_URL: url,
    JWT_SECRET: secret = '',
    JWT_ISSUER: issuer = '',
    JWT_SCOPE_PREFIX: scopePrefix = '',
  } = data;
  return {
    mode: 'jwt',
    keys: url === undefined ? { secret } : { jwksUrl: new URL(url) },
    issuer,
    audiences: Object.freeze(data.JWT_AUDIENCE),
    clientIds: Object.freeze(data.JWT_CLIENT_IDS),
    scopeClaims: Object.freeze(data.JWT_SCOPE_CLAIMS),
    scopePrefix,
  };
}
