// Reads the environment into one frozen, typed configuration, or throws one message that names every fault in it.
import * as z from 'zod';
import { isBaseUrl, isHostName, isKeysUrl, isLoopback, isOrigin, readNetwork } from './addresses.ts';
import { type Config, LARGEST_LAG_MS, LOG_LEVELS } from './config.ts';
import { readPersistedOperations } from './read-manifest.ts';
import { readTraces } from './read-traces.ts';

/** Its message has every fault of the configuration, one per line. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/** Keys, and URLs that may contain a password, must not appear in messages. */
const isSecret = (name: string, value: string) =>
  name === 'APIVIDEO_API_KEY' || name === 'JWT_SECRET' || value.includes('@');

const wholeNumber = (min: number, max: number, fallback: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, `a whole number from ${min} to ${max}`)
    .default(fallback);

const onOrOff = z
  .enum(['on', 'off'], 'one of on, off')
  .transform((value) => value === 'on')
  .optional();

/** A comma-separated list of values that pass `isItem`. */
const list = (isItem: (item: string) => boolean, expected: string) =>
  z
    .string()
    .transform((value) => value.split(',').map((item) => item.trim()))
    .refine((items) => items.every(isItem), expected)
    .default([]);

const httpUrl = 'an http or https URL without user, query or fragment, such as https://ws.api.video';
const collectorUrl = z
  .string()
  .refine(isBaseUrl, 'an http or https URL without user, query or fragment, such as http://127.0.0.1:4318')
  .optional();

const environment = z.object({
  PORT: wholeNumber(0, 65_535, 4000),
  HOST: z
    .string()
    .regex(/^[\w.:[\]-]+$/, 'a host name or an address such as 127.0.0.1')
    .transform((host) => host.replace(/^\[|\]$/g, ''))
    .default('127.0.0.1'),
  ALLOWED_HOSTS: list(isHostName, 'comma-separated host names without ports, such as videos.example.com'),
  TRUSTED_PROXIES: list(
    (item) => readNetwork(item) !== undefined,
    'comma-separated addresses or networks such as 127.0.0.1 or 10.0.0.0/8',
  ),
  KEEP_ALIVE_SECONDS: wholeNumber(1, 3600, 65),
  DRAIN_DELAY_SECONDS: wholeNumber(0, 300, 0),
  APIVIDEO_API_KEY: z
    .string()
    .regex(/^[\x21-\x7e]+$/, 'an API key without spaces or line breaks')
    .optional(),
  APIVIDEO_BASE_URL: z.string().refine(isBaseUrl, httpUrl).optional(),
  APIVIDEO_DIALECT: z
    .enum(['auto', 'discarded', 'removed'], 'one of auto, discarded, removed')
    .default('auto'),
  VIDEO_RESTORE: z.enum(['probe', 'on', 'off'], 'one of probe, on, off').default('probe'),
  PERMANENT_DELETION: z.enum(['refuse', 'allow'], 'one of refuse, allow').default('refuse'),
  MAX_IDS: wholeNumber(1, 100_000, 1000),
  UPSTREAM_CONCURRENCY: wholeNumber(1, 1000, 5),
  UPSTREAM_TIMEOUT_MS: wholeNumber(100, 120_000, 10_000),
  UPSTREAM_LAG_MS: wholeNumber(500, LARGEST_LAG_MS, 2000),
  READ_CACHE_SECONDS: wholeNumber(0, 60, 1),
  CORS_ORIGINS: list(isOrigin, 'comma-separated origins such as https://app.example.com'),
  INTROSPECTION: onOrOff,
  GRAPHIQL: onOrOff,
  PERSISTED_OPERATIONS: z
    .string()
    .transform((path, context) => {
      try {
        return readPersistedOperations(path);
      } catch (error) {
        context.issues.push({ code: 'custom', message: toMessage(error), input: path });
        return z.NEVER;
      }
    })
    .optional(),
  MAX_REQUESTS: wholeNumber(1, 100_000, 1000),
  LOG_LEVEL: z.enum(LOG_LEVELS, `one of ${LOG_LEVELS.join(', ')}`).default('info'),
  METRICS: onOrOff,
  OTEL_EXPORTER_OTLP_ENDPOINT: collectorUrl,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: collectorUrl,
  AUTH: z.enum(['none', 'passthrough', 'jwt'], 'one of none, passthrough, jwt').default('none'),
  ALLOW_UNAUTHENTICATED: z.enum(['true', 'false'], 'true or false').default('false'),
  JWT_JWKS_URL: z
    .string()
    .refine(isKeysUrl, 'an https URL without user or fragment, or an http URL of this machine')
    .optional(),
  JWT_SECRET: z.string().min(32, 'a secret of at least 32 characters').optional(),
  JWT_ISSUER: z.string().optional(),
  JWT_AUDIENCE: z.string().optional(),
});

/**
 * Reads the configuration.
 *
 * @param env - environment variables; an empty one counts as not set.
 * @param options - `sandbox`, by default false: serve the embedded sandbox unless a key, a base URL or AUTH is set.
 * @throws {ConfigError} naming every fault, before anything listens.
 */
export function readConfig(
  env: NodeJS.ProcessEnv,
  options: { sandbox: boolean } = { sandbox: false },
): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()));
  const parsed = environment.safeParse(given);
  const faults = parsed.success ? [] : parsed.error.issues.map((issue) => toFault(issue, given));

  const sandbox = options.sandbox && !given.APIVIDEO_API_KEY && !given.APIVIDEO_BASE_URL && !given.AUTH;
  faults.push(...findAuthFaults(given, sandbox));
  if (!sandbox && !given.APIVIDEO_API_KEY && given.AUTH !== 'passthrough') {
    faults.push(
      given.APIVIDEO_BASE_URL
        ? 'APIVIDEO_API_KEY: expected the key for APIVIDEO_BASE_URL, and it is not set'
        : 'APIVIDEO_API_KEY: expected the key of an api.video project, and it is not set; to try the gateway on an embedded sandbox, start it with --sandbox',
    );
  }
  if (!parsed.success || faults.length > 0) {
    throw new ConfigError(`The configuration is wrong:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
  }
  const { data } = parsed;
  const isLocal = isForThisMachine(data);
  const { traces, warnings } = readTraces(given);
  return Object.freeze({
    port: data.PORT,
    host: data.HOST,
    allowedHosts: Object.freeze(data.ALLOWED_HOSTS.map((host) => host.toLowerCase())),
    trustedProxies: Object.freeze(data.TRUSTED_PROXIES),
    keepAliveSeconds: data.KEEP_ALIVE_SECONDS,
    drainDelaySeconds: data.DRAIN_DELAY_SECONDS,
    sandbox,
    apiKey: data.APIVIDEO_API_KEY,
    baseUrl: new URL(data.APIVIDEO_BASE_URL ?? 'https://ws.api.video'),
    dialect: data.APIVIDEO_DIALECT,
    videoRestore: data.VIDEO_RESTORE,
    permanentDeletion: data.PERMANENT_DELETION,
    maxIds: data.MAX_IDS,
    upstreamConcurrency: data.UPSTREAM_CONCURRENCY,
    upstreamTimeoutMs: data.UPSTREAM_TIMEOUT_MS,
    upstreamLagMs: data.UPSTREAM_LAG_MS,
    readCacheSeconds: data.READ_CACHE_SECONDS,
    corsOrigins: Object.freeze(data.CORS_ORIGINS),
    introspection: data.INTROSPECTION ?? isLocal,
    graphiql: data.GRAPHIQL ?? isLocal,
    persistedOperations: data.PERSISTED_OPERATIONS,
    maxRequests: data.MAX_REQUESTS,
    logLevel: data.LOG_LEVEL,
    allowUnauthenticated: sandbox || data.ALLOW_UNAUTHENTICATED === 'true',
    auth: Object.freeze(toAuth(data)),
    metrics: data.METRICS ?? isLocal,
    traces,
    warnings: Object.freeze([...findUnknown(given), ...warnings]),
  });
}

/**
 * Whether only this machine can reach the gateway, so that GraphiQL, introspection and metrics may be open. Each of the
 * other settings means that something in front of the gateway passes requests on.
 */
function isForThisMachine(data: z.infer<typeof environment>): boolean {
  const isBehindProxy =
    data.AUTH !== 'none' ||
    data.ALLOW_UNAUTHENTICATED === 'true' ||
    data.ALLOWED_HOSTS.length > 0 ||
    data.TRUSTED_PROXIES.length > 0;
  return isLoopback(data.HOST) && !isBehindProxy;
}

/** A misspelt setting would silently leave its default in force. Only this prefix belongs to the gateway alone. */
function findUnknown(given: Record<string, string | undefined>): string[] {
  const known = Object.keys(environment.shape);
  const unknown = Object.keys(given).filter((name) => name.startsWith('APIVIDEO_') && !known.includes(name));
  const settings = known.filter((name) => name.startsWith('APIVIDEO_')).join(', ');
  return unknown.map(
    (name) => `${name} is not a setting of the gateway, so it has no effect: expected ${settings}`,
  );
}

/** Authentication fails closed: a setting without effect, or with half of its counterpart missing, is a fault. */
function findAuthFaults(given: Record<string, string | undefined>, sandbox: boolean): string[] {
  const { AUTH: mode = 'none', HOST: host = '127.0.0.1' } = given;
  const faults: string[] = [];
  if (mode === 'none' && !sandbox && !isLoopback(host) && given.ALLOW_UNAUTHENTICATED !== 'true') {
    faults.push(
      `HOST: expected a loopback address such as 127.0.0.1, because AUTH=none lets anyone call, and got ${JSON.stringify(host)}; set AUTH to passthrough or jwt, or set ALLOW_UNAUTHENTICATED=true if a proxy in front of the gateway authenticates callers`,
    );
  }
  if (mode === 'passthrough' && given.APIVIDEO_API_KEY) {
    faults.push(
      'APIVIDEO_API_KEY: expected none with AUTH=passthrough, because callers send their own credentials, and it is set',
    );
  }
  if (mode !== 'jwt') {
    const idle = ['JWT_JWKS_URL', 'JWT_SECRET', 'JWT_ISSUER', 'JWT_AUDIENCE'].filter((name) => given[name]);
    return [
      ...faults,
      ...idle.map(
        (name) => `${name}: expected AUTH=jwt with this setting, and got AUTH=${JSON.stringify(mode)}`,
      ),
    ];
  }
  if (Boolean(given.JWT_JWKS_URL) === Boolean(given.JWT_SECRET)) {
    const got = given.JWT_SECRET ? 'both are set' : 'neither is set';
    faults.push(`JWT_JWKS_URL: expected either this or JWT_SECRET with AUTH=jwt, and ${got}`);
  }
  for (const name of ['JWT_ISSUER', 'JWT_AUDIENCE']) {
    if (!given[name])
      faults.push(`${name}: expected the value that tokens must have with AUTH=jwt, and it is not set`);
  }
  return faults;
}

function toAuth(data: z.infer<typeof environment>): Config['auth'] {
  if (data.AUTH !== 'jwt') return { mode: data.AUTH };
  const {
    JWT_JWKS_URL: url,
    JWT_SECRET: secret = '',
    JWT_ISSUER: issuer = '',
    JWT_AUDIENCE: audience = '',
  } = data;
  return { mode: 'jwt', keys: url === undefined ? { secret } : { jwksUrl: new URL(url) }, issuer, audience };
}

function toFault({ path, message }: z.core.$ZodIssue, given: Record<string, string | undefined>): string {
  const name = String(path[0]);
  const value = given[name] ?? '';
  const got = isSecret(name, value) ? 'something else' : JSON.stringify(value.slice(0, 80));
  return `${name}: expected ${message}, and got ${got}`;
}

function toMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
