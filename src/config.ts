// The environment as one frozen, typed configuration, or one message that names every fault in it.
import { isIP } from 'node:net';
import * as z from 'zod';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

export type Config = {
  readonly port: number;
  readonly host: string;
  /** Whether to serve the embedded sandbox, because it was asked for and nothing else is configured. */
  readonly sandbox: boolean;
  /** Undefined only with the sandbox. */
  readonly apiKey: string | undefined;
  readonly baseUrl: URL;
  readonly dialect: 'auto' | 'discarded' | 'removed';
  readonly videoRestore: 'probe' | 'on' | 'off';
  readonly permanentDeletion: 'refuse' | 'allow';
  readonly maxIds: number;
  readonly upstreamConcurrency: number;
  readonly upstreamTimeoutMs: number;
  readonly readCacheSeconds: number;
  readonly corsOrigins: readonly string[];
  readonly logLevel: (typeof LOG_LEVELS)[number];
};

/** Every fault of the configuration, one line each, in its message. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/** What shows in no message: keys, and passwords in URLs. */
const isSecret = (name: string, value: string) => name === 'APIVIDEO_API_KEY' || value.includes('@');

const wholeNumber = (min: number, max: number, fallback: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, `a whole number from ${min} to ${max}`)
    .default(fallback);

const httpUrl = 'an http or https URL without user, query or fragment, such as https://ws.api.video';
const origin = 'origins such as https://app.example.com, parted by commas';

const environment = z.object({
  PORT: wholeNumber(0, 65_535, 4000),
  HOST: z
    .string()
    .refine(isLoopback, 'a loopback address such as 127.0.0.1, since nothing authenticates callers yet')
    .transform((host) => host.replace(/^\[|\]$/g, ''))
    .default('127.0.0.1'),
  APIVIDEO_API_KEY: z
    .string()
    .regex(/^[\x21-\x7e]+$/, 'an API key without blanks or line ends')
    .optional(),
  APIVIDEO_BASE_URL: z
    .string()
    .refine((value) => isBaseUrl(value), httpUrl)
    .optional(),
  APIVIDEO_DIALECT: z
    .enum(['auto', 'discarded', 'removed'], 'one of auto, discarded, removed')
    .default('auto'),
  VIDEO_RESTORE: z.enum(['probe', 'on', 'off'], 'one of probe, on, off').default('probe'),
  PERMANENT_DELETION: z.enum(['refuse', 'allow'], 'one of refuse, allow').default('refuse'),
  MAX_IDS: wholeNumber(1, 100_000, 1000),
  UPSTREAM_CONCURRENCY: wholeNumber(1, 1000, 50),
  UPSTREAM_TIMEOUT_MS: wholeNumber(100, 120_000, 10_000),
  READ_CACHE_SECONDS: wholeNumber(0, 60, 1),
  CORS_ORIGINS: z
    .string()
    .transform((value) => value.split(',').map((item) => item.trim()))
    .refine((items) => items.every(isOrigin), origin)
    .default([]),
  LOG_LEVEL: z.enum(LOG_LEVELS, `one of ${LOG_LEVELS.join(', ')}`).default('info'),
  AUTH: z
    .literal(
      'none',
      'none: this version knows no other, and must not run open where authentication is expected',
    )
    .optional(),
});

/**
 * Reads the configuration.
 *
 * @param env - environment variables; an empty one counts as not set.
 * @param options - `sandbox`, by default false: serve the embedded sandbox where neither a key, nor a base URL, nor AUTH is set.
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
  if (!sandbox && !given.APIVIDEO_API_KEY) {
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
  return Object.freeze({
    port: data.PORT,
    host: data.HOST,
    sandbox,
    apiKey: data.APIVIDEO_API_KEY,
    baseUrl: new URL(data.APIVIDEO_BASE_URL ?? 'https://ws.api.video'),
    dialect: data.APIVIDEO_DIALECT,
    videoRestore: data.VIDEO_RESTORE,
    permanentDeletion: data.PERMANENT_DELETION,
    maxIds: data.MAX_IDS,
    upstreamConcurrency: data.UPSTREAM_CONCURRENCY,
    upstreamTimeoutMs: data.UPSTREAM_TIMEOUT_MS,
    readCacheSeconds: data.READ_CACHE_SECONDS,
    corsOrigins: Object.freeze(data.CORS_ORIGINS),
    logLevel: data.LOG_LEVEL,
  });
}

/** Whether a host name or address can only be reached from this machine. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '');
  return name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'));
}

function toFault({ path, message }: z.core.$ZodIssue, given: Record<string, string | undefined>): string {
  const name = String(path[0]);
  const value = given[name] ?? '';
  const got = isSecret(name, value) ? 'something else' : JSON.stringify(value.slice(0, 80));
  return `${name}: expected ${message}, and got ${got}`;
}

function isBaseUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, username, password, search, hash } = new URL(value);
  return (protocol === 'https:' || protocol === 'http:') && !username && !password && !search && !hash;
}

function isOrigin(value: string): boolean {
  // A host with an asterisk parses, and would match no page that was meant.
  return URL.canParse(value) && /^https?:[^*]+$/.test(value) && new URL(value).origin === value;
}
