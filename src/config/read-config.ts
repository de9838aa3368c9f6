// Reads the environment into one frozen, typed configuration, or throws one message that names every fault in it.
import * as z from 'zod';
import { isBaseUrl, isKeysUrl, isLoopback, isOrigin, readHostName, readNetwork } from './addresses.ts';
import { hasOuterQuote, isPlainText } from './clean-setting.ts';
import { type Config, LARGEST_LAG_MS, LOG_LEVELS } from './config.ts';
import { readOutgoingProxies } from './outgoing-proxies.ts';
import { AUTH_MODES, findAuthFaults, readAuthMode, toAuth } from './read-auth.ts';
import { type Given, GivenSettings } from './read-given.ts';
import { readPersistedOperations } from './read-manifest.ts';
import { findOperationFaults, operationVariables, toOperations } from './read-operations.ts';
import { readTraces, withoutIdleCollector } from './read-traces.ts';
import { wholeNumber } from './whole-number.ts';

/** Its message has every fault of the configuration, one per line. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

const onOrOff = z
  .enum(['on', 'off'], 'one of on, off')
  .transform((value) => value === 'on')
  .optional();

/** A comma-separated list of values that pass `isItem`. */
const items = (isItem: (item: string) => boolean, expected: string) =>
  z
    .string()
    .transform((value) => value.split(',').map((item) => item.trim()))
    .refine((list) => list.every(isItem), expected);
const list = (...rule: Parameters<typeof items>) => items(...rule).default([]);

/** A scope is between blanks. A prefix without a separator is one whose separator was forgotten. */
const isScopePrefix = (value: string) => isPlainText(value) && /^\S*[^\s\p{L}\p{N}]$/u.test(value);
const plainText = 'without quotes or blanks, and without a bracket at the start';
const listOfTexts = `comma-separated texts ${plainText}`;

const API_VIDEO = 'https://ws.api.video';
const httpUrl = 'an http or https URL without user, query or fragment, such as https://ws.api.video';
const collectorUrl = z
  .string()
  .refine(isBaseUrl, 'an http or https URL without user, query or fragment, such as http://127.0.0.1:4318')
  .optional();

const environment = z.object({
  PORT: wholeNumber(0, 65_535).default(4000),
  HOST: z
    .string()
    .regex(/^[\w.:[\]-]+$/, 'a host name or an address such as 127.0.0.1')
    .transform((host) => host.replace(/^\[|\]$/g, ''))
    .default('127.0.0.1'),
  ALLOWED_HOSTS: list(
    (item) => readHostName(item) !== undefined,
    'comma-separated host names without ports, such as videos.example.com',
  ),
  TRUSTED_PROXIES: list(
    (item) => readNetwork(item) !== undefined,
    'comma-separated addresses or networks such as 127.0.0.1 or 10.0.0.0/8',
  ),
  KEEP_ALIVE_SECONDS: wholeNumber(1, 3600).default(65),
  DRAIN_DELAY_SECONDS: wholeNumber(0, 300).default(0),
  APIVIDEO_API_KEY: z
    .string()
    .regex(/^[\x21-\x7e]+$/, 'an API key without spaces or line breaks')
    .refine((key) => !hasOuterQuote(key), 'an API key without quotes')
    .optional(),
  APIVIDEO_API_KEY_FILE: z.string().optional(),
  APIVIDEO_BASE_URL: z.string().refine(isBaseUrl, httpUrl).optional(),
  APIVIDEO_DIALECT: z
    .enum(['auto', 'discarded', 'removed'], 'one of auto, discarded, removed')
    .default('auto'),
  VIDEO_RESTORE: z.enum(['probe', 'on', 'off'], 'one of probe, on, off').default('probe'),
  PERMANENT_DELETION: z.enum(['refuse', 'allow'], 'one of refuse, allow').default('refuse'),
  MAX_IDS: wholeNumber(1, 100_000).default(1000),
  ...operationVariables,
  UPSTREAM_CONCURRENCY: wholeNumber(1, 1000).default(5),
  UPSTREAM_TIMEOUT_MS: wholeNumber(100, 120_000).default(10_000),
  UPSTREAM_LAG_MS: wholeNumber(500, LARGEST_LAG_MS).default(2000),
  READ_CACHE_SECONDS: wholeNumber(0, 60).default(1),
  CORS_ORIGINS: list(isOrigin, 'comma-separated origins such as https://app.example.com'),
  INTROSPECTION: onOrOff,
  GRAPHIQL: onOrOff,
  WEB_APP: onOrOff,
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
  MAX_REQUESTS: wholeNumber(1, 100_000).default(1000),
  LOG_LEVEL: z.enum(LOG_LEVELS, `one of ${LOG_LEVELS.join(', ')}`).default('info'),
  METRICS: onOrOff,
  OTEL_EXPORTER_OTLP_ENDPOINT: collectorUrl,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: collectorUrl,
  AUTH: z.enum(AUTH_MODES, `one of ${AUTH_MODES.join(', ')}`).default('none'),
  ALLOW_UNAUTHENTICATED: z.enum(['true', 'false'], 'true or false').default('false'),
  JWT_JWKS_URL: z
    .string()
    .refine(isKeysUrl, 'an https URL without user or fragment, or an http URL of this machine')
    .optional(),
  JWT_SECRET: z.string().min(32, 'a secret of at least 32 characters').optional(),
  JWT_SECRET_FILE: z.string().optional(),
  JWT_ISSUER: z.string().refine(isPlainText, `a text ${plainText}`).optional(),
  JWT_AUDIENCE: list(isPlainText, listOfTexts),
  JWT_CLIENT_IDS: list(isPlainText, listOfTexts),
  JWT_SCOPE_CLAIMS: z.string().default('scope,scp').pipe(items(isPlainText, listOfTexts)),
  JWT_SCOPE_PREFIX: z
    .string()
    .refine(isScopePrefix, 'a text without blanks that ends in a separator, such as https://videos.example/')
    .optional(),
});

/**
 * Reads the configuration.
 *
 * @param env - environment variables; one that is empty, or has only blanks or quotes, counts as not set.
 * @param options - `sandbox`, by default false: serve the embedded sandbox unless a key, a base URL or AUTH is set.
 *   `dataDir`, by default none: where operations are kept if no setting says it.
 * @throws {ConfigError} naming every fault, before anything listens.
 */
export function readConfig(
  env: NodeJS.ProcessEnv,
  options: { readonly sandbox?: boolean; readonly dataDir?: string } = {},
): Config {
  const settings = new GivenSettings(withoutIdleCollector(env), Object.keys(environment.shape));
  const given = settings.values;
  const parsed = environment.safeParse(given);
  const faults = [
    ...settings.faults.map(({ text }) => text),
    ...(parsed.error?.issues.flatMap((issue) => toFault(issue, settings)) ?? []),
  ];

  const hasKey = settings.has('APIVIDEO_API_KEY');
  const sandbox = options.sandbox === true && !hasKey && !given.APIVIDEO_BASE_URL && !given.AUTH;
  faults.push(...findAuthFaults(settings, sandbox), ...findOperationFaults(settings, sandbox));
  const mode = readAuthMode(given);
  const { traces, warnings } = readTraces(given);
  const outgoing = readOutgoingProxies(
    given,
    toUrls([
      sandbox ? undefined : (given.APIVIDEO_BASE_URL ?? API_VIDEO),
      mode === 'jwt' ? given.JWT_JWKS_URL : undefined,
      traces?.url,
    ]),
  );
  faults.push(...outgoing.faults);
  if (!sandbox && !hasKey && mode !== undefined && mode !== 'passthrough') {
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
  const kept = toOperations(data, { sandbox, dataDir: options.dataDir });
  return Object.freeze({
    port: data.PORT,
    host: data.HOST,
    allowedHosts: Object.freeze(data.ALLOWED_HOSTS.flatMap((host) => readHostName(host) ?? [])),
    trustedProxies: Object.freeze(data.TRUSTED_PROXIES),
    keepAliveSeconds: data.KEEP_ALIVE_SECONDS,
    drainDelaySeconds: data.DRAIN_DELAY_SECONDS,
    sandbox,
    apiKey: data.APIVIDEO_API_KEY,
    baseUrl: toBaseUrl(data.APIVIDEO_BASE_URL ?? API_VIDEO),
    proxies: outgoing.proxies,
    dialect: data.APIVIDEO_DIALECT,
    videoRestore: data.VIDEO_RESTORE,
    permanentDeletion: data.PERMANENT_DELETION,
    maxIds: data.MAX_IDS,
    operations: kept.operations,
    upstreamConcurrency: data.UPSTREAM_CONCURRENCY,
    upstreamTimeoutMs: data.UPSTREAM_TIMEOUT_MS,
    upstreamLagMs: data.UPSTREAM_LAG_MS,
    readCacheSeconds: data.READ_CACHE_SECONDS,
    corsOrigins: Object.freeze(data.CORS_ORIGINS),
    introspection: data.INTROSPECTION ?? isLocal,
    graphiql: data.GRAPHIQL ?? isLocal,
    // The app brings operations of its own, which a manifest may have left out for a reason.
    webApp: data.WEB_APP ?? (isLocal && data.PERSISTED_OPERATIONS === undefined),
    persistedOperations: data.PERSISTED_OPERATIONS,
    maxRequests: data.MAX_REQUESTS,
    logLevel: data.LOG_LEVEL,
    allowUnauthenticated: sandbox || data.ALLOW_UNAUTHENTICATED === 'true',
    auth: Object.freeze(toAuth(data)),
    metrics: data.METRICS ?? isLocal,
    traces,
    warnings: Object.freeze([...findUnknown(given), ...outgoing.warnings, ...warnings, ...kept.warnings]),
  });
}

/**
 * Whether only this machine can reach the gateway, so that the web app, GraphiQL, introspection and metrics may be open. Each of the
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

/** Those that are URLs: the others are faults already. */
function toUrls(texts: readonly (string | undefined)[]): URL[] {
  return texts.flatMap((text) => (text !== undefined && URL.canParse(text) ? [new URL(text)] : []));
}

/** With one slash at its end at most: paths are appended to it. */
function toBaseUrl(value: string): URL {
  const url = new URL(value);
  url.pathname = url.pathname.replace(/\/+$/, '/');
  return url;
}

/** A misspelt setting would silently leave its default in force. Only this prefix belongs to the gateway alone. */
function findUnknown(given: Given): string[] {
  const known = Object.keys(environment.shape);
  const unknown = Object.keys(given).filter((name) => name.startsWith('APIVIDEO_') && !known.includes(name));
  const settings = known.filter((name) => name.startsWith('APIVIDEO_')).join(', ');
  return unknown.map(
    (name) => `${name} is not a setting of the gateway, so it has no effect: expected ${settings}`,
  );
}

/** None if the value has a fault that has been found before. */
function toFault({ path, message }: z.core.$ZodIssue, settings: GivenSettings): string[] {
  const name = String(path[0]);
  if (settings.faults.some(({ of }) => of === name)) return [];
  return [`${settings.label(name)}: expected ${message}, and got ${settings.shown(name)}`];
}

function toMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
