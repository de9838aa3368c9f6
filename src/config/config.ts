// The settings of one gateway. `read-config.ts` reads them from the environment.
import type { PersistedOperations } from './read-manifest.ts';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

export type JwtSettings = {
  /** The URL of the public keys, or the shared secret. */
  readonly keys: { readonly jwksUrl: URL } | { readonly secret: string };
  readonly issuer: string;
  readonly audience: string;
};

export type Config = {
  readonly port: number;
  readonly host: string;
  /** Whether to serve the embedded sandbox: `--sandbox` was given and no other upstream is configured. */
  readonly sandbox: boolean;
  /** Undefined with the sandbox, and if callers send their own. */
  readonly apiKey: string | undefined;
  readonly baseUrl: URL;
  readonly dialect: 'auto' | 'discarded' | 'removed';
  readonly videoRestore: 'probe' | 'on' | 'off';
  readonly permanentDeletion: 'refuse' | 'allow';
  readonly maxIds: number;
  readonly upstreamConcurrency: number;
  readonly upstreamTimeoutMs: number;
  /** How late upstream's reads may show a write. */
  readonly upstreamLagMs: number;
  readonly readCacheSeconds: number;
  readonly corsOrigins: readonly string[];
  readonly introspection: boolean;
  readonly graphiql: boolean;
  /** The only documents that the gateway accepts; undefined if it accepts any. */
  readonly persistedOperations: PersistedOperations | undefined;
  /** The most client requests in flight at once. */
  readonly maxRequests: number;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  readonly auth: { readonly mode: 'none' | 'passthrough' } | ({ readonly mode: 'jwt' } & JwtSettings);
  /** Whether the gateway serves `/metrics`. */
  readonly metrics: boolean;
  /** The collector for traces; undefined for no traces. */
  readonly otlpEndpoint: URL | undefined;
};
