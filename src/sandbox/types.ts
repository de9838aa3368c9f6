// What a caller of the sandbox sees of it: its options, its handle, its request log and the faults it can play.

/** A video as the sandbox keeps it. Times are ISO 8601; one with `removedAt` is removed, until `deletesAt`. */
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

/** Requests a window, per project. */
export type SandboxLimits = { readonly reads: number; readonly writes: number };

export type Dialect = 'discarded' | 'removed';

/** What DELETE of a removed video does: 404; 204 and it stays as it was; 204 and it is destroyed. */
export type SecondDelete = 'not-found' | 'no-content' | 'destroys';

export type SandboxOptions = {
  /** Default 0, which takes a free one. */
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
  /** How long a window of the limits is. Default 60,000. */
  windowMs?: number;
  /** Waited before every request acts. Default 0. */
  latencyMs?: number;
  /** Reads and lists show a write only after this long; writes always act on the true state. Default 0. */
  lagMs?: number;
  /** Default 3600. */
  tokenLifetimeSeconds?: number;
  /** Default `not-found`. */
  secondDelete?: SecondDelete;
  /** Whether the 200 to a restore shows the video as restored, or still as removed. Default `fresh`. */
  restoreAnswer?: 'fresh' | 'stale';
  /** The clock in ms since the epoch, for all that has a date or a window. Default `Date.now`. */
  now?: () => number;
};

/** One entry of the log. It is filled in as the request goes on. */
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
  /** The parsed JSON; undefined for none and for malformed. */
  body: unknown;
  kind: 'read' | 'write' | 'auth';
  videoId: string | undefined;
  /** Whose credentials it carries; undefined where they are none or refused. */
  projectId: string | undefined;
  /** Set when the status line is sent. */
  status: number | undefined;
  /** `performance.now()` when the state was changed or read. */
  actedAt: number | undefined;
};

/**
 * What goes wrong with a request. `acts` says whether it takes effect all the same; where it does not, it spends nothing
 * of the limits either, except for `truncate`, whose answer is the usual one.
 */
export type Fault =
  /** The connection is reset, before or after the request took effect. */
  | { kind: 'reset'; acts: boolean }
  /** No byte is ever answered; it acts now, or that much later. */
  | { kind: 'hang'; acts: boolean; actsAfterMs?: number }
  /** Everything happens as usual, that much later. */
  | { kind: 'delay'; ms: number }
  /** Another answer in place of the usual, with no headers but the given, the date and those of its body. */
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
  /** The usual status and Content-Length, half the body, then the connection ends. Acts unless told otherwise. */
  | { kind: 'truncate'; acts?: boolean }
  /** 200 with a gzip body that unfolds to that many MB of blanks. Never acts. */
  | { kind: 'gzip-bomb'; megabytes: number };

/** One project: its videos, its switch, its limits and its key. */
export type SandboxProject = {
  readonly projectId: string;
  readonly apiKey: string;
  /** Settable at any time, as in the dashboard. */
  videoRestore: boolean;
  /** The truth, without lag. */
  state(videoId: string): 'live' | 'removed' | 'absent';
  /** All live and removed videos, without lag. */
  videos(): SandboxVideo[];
  /** Puts videos there that everybody sees at once. */
  addVideos(videos: readonly SandboxVideo[]): void;
  /** Another actor removes it, whatever the switch says. Throws for an absent one. */
  remove(videoId: string): void;
  /** Another actor restores it. Throws for an absent one. */
  restore(videoId: string): void;
  /** Another actor destroys it for good. */
  destroy(videoId: string): void;
  /** Every access token of the project handed out so far is refused from now on. */
  revokeTokens(): void;
  /** The API key and the refresh tokens too. */
  revokeKey(): void;
  setLimits(limits: SandboxLimits | null): void;
  /** Another client of the project uses the budget. */
  spend(kind: 'reads' | 'writes', count: number): void;
};

/** A running sandbox. What it shares with `SandboxProject` is about its first project. */
export type Sandbox = SandboxProject & {
  /** Such as `http://127.0.0.1:49152`. */
  readonly url: string;
  /** Oldest first, with everything that reached the server, also what was refused. */
  readonly requests: readonly SandboxRequest[];
  clearRequests(): void;
  /** The most requests that were open at once since the log was last cleared. */
  readonly maxInFlight: number;
  /** Asked about each request once its body is there. */
  setFault(fault: ((request: SandboxRequest) => Fault | undefined) | undefined): void;
  addProject(project: NewProject): SandboxProject;
  /** Ends every connection, also those in use. */
  close(): Promise<void>;
};

export type NewProject = {
  apiKey: string;
  projectId: string;
  videos?: readonly SandboxVideo[];
  videoRestore?: boolean;
};
