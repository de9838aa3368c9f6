// The settings of one gateway. `read-config.ts` reads them from the environment.
import type { OutgoingProxies } from './outgoing-proxies.ts';
import type { PersistedOperations } from './read-manifest.ts';
import type { TraceSettings } from './read-traces.ts';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** The largest UPSTREAM_LAG_MS. */
export const LARGEST_LAG_MS = 3_000;

export type JwtSettings = {
  /** The URL of the public keys, or the shared secret. */
  readonly keys: { readonly jwksUrl: URL } | { readonly secret: string };
  readonly issuer: string;
  /** One of them must be in the token's `aud`. If there is none, a token with any `aud` is refused. */
  readonly audiences: readonly string[];
  /** One of them must be the token's `client_id`, unless there is none. */
  readonly clientIds: readonly string[];
  /** The claims that may list scopes. Only the first that a token has counts. */
  readonly scopeClaims: readonly string[];
  /** What the token has before the name of each scope. Scopes without it do not count. */
  readonly scopePrefix: string;
};

/** Where durable operations are kept. */
export type OperationStoreSettings =
  /** They end with the process. */
  | { readonly kind: 'memory' }
  | { readonly kind: 'folder'; readonly path: string }
  /** The URL has a password. */
  | { readonly kind: 'postgres'; readonly url: string }
  /** Nowhere: nobody has said where, so there are none. */
  | { readonly kind: 'none' };

export type OperationSettings = {
  readonly store: OperationStoreSettings;
  /** What callers' credentials are encrypted with; undefined if the gateway makes a key itself. */
  readonly secretKey: string | undefined;
  /** The most distinct ids of one durable operation. */
  readonly maxBackgroundIds: number;
  /** The most unfinished operations of one owner. */
  readonly maxOpenOperations: number;
};

export type Config = {
  readonly port: number;
  readonly host: string;
  /** Names in Host, in lower case, under which a proxy reaches a gateway that listens on loopback. */
  readonly allowedHosts: readonly string[];
  /** Addresses and networks of proxies whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
  /** How long a connection stays open between an answer and the next request. */
  readonly keepAliveSeconds: number;
  /** How long the gateway goes on serving after a signal, while `/ready` answers 503. */
  readonly drainDelaySeconds: number;
  /** Whether to serve the embedded sandbox: `--sandbox` was given and no other upstream is configured. */
  readonly sandbox: boolean;
  /** Undefined with the sandbox, and if callers send their own. */
  readonly apiKey: string | undefined;
  readonly baseUrl: URL;
  /** What the gateway itself sends its requests through. */
  readonly proxies: OutgoingProxies;
  readonly dialect: 'auto' | 'discarded' | 'removed';
  readonly videoRestore: 'probe' | 'on' | 'off';
  readonly permanentDeletion: 'refuse' | 'allow';
  readonly maxIds: number;
  readonly operations: OperationSettings;
  readonly upstreamConcurrency: number;
  readonly upstreamTimeoutMs: number;
  /** How late upstream's reads may show a write. */
  readonly upstreamLagMs: number;
  readonly readCacheSeconds: number;
  readonly corsOrigins: readonly string[];
  readonly introspection: boolean;
  readonly graphiql: boolean;
  /** Whether browsers get the web app at `/`. */
  readonly webApp: boolean;
  /** The only documents that the gateway accepts; undefined if it accepts any. */
  readonly persistedOperations: PersistedOperations | undefined;
  /** The most client requests in flight at once. */
  readonly maxRequests: number;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  /** Whether requests are accepted from anyone who can reach the gateway, even through a proxy. */
  readonly allowUnauthenticated: boolean;
  readonly auth: { readonly mode: 'none' | 'passthrough' } | ({ readonly mode: 'jwt' } & JwtSettings);
  /** Whether the gateway serves `/metrics`. */
  readonly metrics: boolean;
  /** Which traces are sent, and where to; undefined for none. */
  readonly traces: TraceSettings | undefined;
  /** Lines for the operator about settings that have no effect, such as a misspelt name. */
  readonly warnings: readonly string[];
};
