// The sandbox's interface for its callers: its options, its handle, its request log and the faults it can play.

/** A video as the sandbox keeps it. Times are ISO 8601; a video with `removedAt` is removed, until `deletesAt`. */
export type SandboxVideo = {
  readonly videoId: string;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly metadata: readonly { readonly key: string; readonly value: string }[];
  readonly public: boolean;
  readonly panoramic: boolean;
  readonly mp4Support: boolean;
  readonly language: string | null;
  readonly playerId: string | null;
  readonly liveStreamId?: string | undefined;
  readonly createdAt: string;
  readonly publishedAt: string;
  readonly updatedAt: string;
  readonly removedAt: string | null;
  readonly deletesAt: string | null;
};

/** Requests per window, per project. */
export type SandboxLimits = { readonly reads: number; readonly writes: number };

export type Dialect = 'discarded' | 'removed';

/** The answer and effect of DELETE on a removed video: 404; 204 and it stays as it was; 204 and it is destroyed. */
export type SecondDelete = 'not-found' | 'no-content' | 'destroys';

export type SandboxOptions = {
  /** Default 0, which takes a free port. */
  port?: number;
  /** Default 127.0.0.1. */
  host?: string;
  /** Default `discarded`. */
  dialect?: Dialect;
  /** Whether DELETE keeps a video for 90 days. Default true. */
  videoRestore?: boolean;
  /** Default `sandbox-key`. */
  apiKey?: string;
  /** Default `prSandbox`. */
  projectId?: string;
  videos?: readonly SandboxVideo[];
  /** Default 500 reads and 200 writes; null for no limit and no X-RateLimit headers. */
  limits?: SandboxLimits | null;
  /** The length of a window of the limits, in milliseconds. Default 60,000. */
  windowMs?: number;
  /** Delay before every request acts, in milliseconds. Default 0. */
  latencyMs?: number;
  /** Reads and lists show a write only after this many milliseconds; writes always act on the true state. Default 0. */
  lagMs?: number;
  /** Default 3600. */
  tokenLifetimeSeconds?: number;
  /** Default `not-found`. */
  secondDelete?: SecondDelete;
  /** Whether the 200 to a restore shows the video as restored, or still as removed. Default `fresh`. */
  restoreAnswer?: 'fresh' | 'stale';
  /** The clock in milliseconds since the epoch, for every date and window. Default `Date.now`. */
  now?: () => number;
};

/** One entry of the log. The sandbox fills it in as the request proceeds. */
export type SandboxRequest = {
  /** Counts from 0 since the log was last cleared. */
  index: number;
  /** `performance.now()` at arrival. */
  at: number;
  method: string;
  /** As received, without the query. */
  path: string;
  query: URLSearchParams;
  headers: Record<string, string | string[] | undefined>;
  /** The parsed JSON; undefined if there is no body or it is malformed. */
  body: unknown;
  kind: 'read' | 'write' | 'auth';
  videoId: string | undefined;
  /** The project of the request's credentials; undefined if it has none or they are refused. */
  projectId: string | undefined;
  /** Set when the status line is sent. */
  status: number | undefined;
  /** `performance.now()` when the request changed or read the state. */
  actedAt: number | undefined;
};

/**
 * What goes wrong with a request. `acts`: whether the request takes effect all the same. If not, it does not use the
 * limits either, except for `truncate`, whose answer is the usual one.
 */
export type Fault =
  /** The connection is reset, before or after the request took effect. */
  | { kind: 'reset'; acts: boolean }
  /** No byte is ever sent; the request acts now, or after `actsAfterMs`. */
  | { kind: 'hang'; acts: boolean; actsAfterMs?: number }
  /** Everything happens as usual, `ms` later. */
  | { kind: 'delay'; ms: number }
  /** Another answer instead of the usual one, with only the given headers, the date and those of its body. */
  | {
      kind: 'answer';
      acts: boolean;
      status: number;
      headers?: Record<string, string>;
      body?: string | Buffer;
    }
  /** The usual answer, with headers replaced or (undefined) left out. */
  | { kind: 'headers'; headers: Record<string, string | undefined> }
  /** The usual answer, its body a byte at a time. */
  | { kind: 'drip'; everyMs: number }
  /** The usual status and Content-Length, half the body, then the connection ends. Acts by default. */
  | { kind: 'truncate'; acts?: boolean }
  /** 200 with a gzip body that decompresses to `megabytes` of blanks. Never acts. */
  | { kind: 'gzip-bomb'; megabytes: number };

/** One project: its videos, its Video Restore switch, its limits and its key. */
export type SandboxProject = {
  readonly projectId: string;
  readonly apiKey: string;
  /** Settable at any time, as in the dashboard. */
  videoRestore: boolean;
  /** The truth, without lag. */
  state(videoId: string): 'live' | 'removed' | 'absent';
  /** All live and removed videos, without lag. */
  videos(): SandboxVideo[];
  /** Adds videos that every read shows at once. */
  addVideos(videos: readonly SandboxVideo[]): void;
  /** Another client removes the video, whatever the switch is set to. Throws if it is absent. */
  remove(videoId: string): void;
  /** Another client restores the video. Throws if it is absent. */
  restore(videoId: string): void;
  /** Another client permanently deletes the video. */
  destroy(videoId: string): void;
  /** Revokes every access token of the project issued so far. */
  revokeTokens(): void;
  /** Revokes the API key and all tokens, including refresh tokens. */
  revokeKey(): void;
  setLimits(limits: SandboxLimits | null): void;
  /** Another client of the project uses the budget. */
  spend(kind: 'reads' | 'writes', count: number): void;
};

/** A running sandbox. The members that it shares with `SandboxProject` concern its first project. */
export type Sandbox = SandboxProject & {
  /** For example `http://127.0.0.1:49152`. */
  readonly url: string;
  /** Every request that reached the server, oldest first, including refused ones. */
  readonly requests: readonly SandboxRequest[];
  clearRequests(): void;
  /** The most requests that were open at once since the log was last cleared. */
  readonly maxInFlight: number;
  /** Calls the function for each request once its body has arrived, and plays the fault that it returns. */
  setFault(fault: ((request: SandboxRequest) => Fault | undefined) | undefined): void;
  addProject(project: NewProject): SandboxProject;
  /** Ends every connection, including those in use. */
  close(): Promise<void>;
};

export type NewProject = {
  apiKey: string;
  projectId: string;
  videos?: readonly SandboxVideo[];
  videoRestore?: boolean;
};
