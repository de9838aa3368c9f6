// The settings of one gateway, as everything above upstream sees them. `read-config.ts` reads them from the environment.
import type { PersistedOperations } from './read-manifest.ts';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

export type JwtSettings = {
  /** Where the public keys are, or the shared secret. */
  readonly keys: { readonly jwksUrl: URL } | { readonly secret: string };
  readonly issuer: string;
  readonly audience: string;
};

export type Config = {
  readonly port: number;
  readonly host: string;
  /** Whether to serve the embedded sandbox, because it was asked for and nothing else is configured. */
  readonly sandbox: boolean;
  /** Undefined with the sandbox, and where callers bring their own. */
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
  /** The only documents that are accepted, where there are some. */
  readonly persistedOperations: PersistedOperations | undefined;
  /** Worked on at once. */
  readonly maxRequests: number;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  readonly auth: { readonly mode: 'none' | 'passthrough' } | ({ readonly mode: 'jwt' } & JwtSettings);
  /** Whether `/metrics` is answered. */
  readonly metrics: boolean;
  /** Where traces are sent; undefined for nowhere. */
  readonly otlpEndpoint: URL | undefined;
};
