// A stand-in for api.video of another make than the sandbox: a plain HTTP server with the `discarded` dialect, whose
// answers a test can alter one by one. It shares no code with the sandbox.
import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { type Listening, listen } from './listen.ts';

type PlainVideo = Record<string, unknown> & { videoId: string; title: string; tags: string[] };

export type PlainAnswer = {
  status: number;
  headers: Record<string, string | string[]>;
  /** Sent as JSON; a string and bytes are sent as they are. */
  body: unknown;
};

export type PlainRequest = {
  readonly method: string;
  readonly path: string;
  /** As it was sent. */
  readonly url: string;
  readonly query: URLSearchParams;
  readonly authorization: string;
  readonly body: string;
  /** When it came, on the clock of `performance.now()`. */
  readonly at: number;
};

export type PlainOptions = {
  /** Changes the usual answer in place. */
  readonly alter?: (answer: PlainAnswer, request: PlainRequest) => void;
  /** Waited for before a request has its effect, and again before its answer is sent. */
  readonly pause?: (request: PlainRequest) => Promise<void>;
  /** Whether the title filter brings a video for a term. */
  readonly matchesTitle?: (title: string, term: string) => boolean;
  readonly matchesTags?: (tags: readonly string[], terms: readonly string[]) => boolean;
  /** What a second DELETE does to the video. */
  readonly secondDelete?: 'nothing' | 'destroys';
  /** How late the lists show a write. */
  readonly listLagMs?: number;
  readonly retentionDays?: number;
  readonly videos?: readonly PlainVideo[];
};

export type PlainUpstream = Listening & {
  readonly url: string;
  readonly requests: readonly PlainRequest[];
};

const toAtom = (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z/, '+00:00');

/** @param index - makes its times and its title. */
export function createPlainVideo(index: number): PlainVideo {
  const at = toAtom(Date.UTC(2026, 0, 1 + index));
  const times = { createdAt: at, publishedAt: at, updatedAt: at };
  const removal = { discarded: false, discardedAt: null, deletesAt: null };
  const flags = { public: true, panoramic: false, mp4Support: true };
  const title = `${'ABCDEFGH'[index % 8]} private Title ${index}`;
  const tags = ['one', 'two'];
  return { videoId: `viPlain${index}`, title, tags, metadata: [], ...times, ...flags, ...removal };
}

export async function startPlainUpstream(options: PlainOptions = {}): Promise<PlainUpstream> {
  const requests: PlainRequest[] = [];
  const state = new PlainState(options);
  const server = createServer(async (message, response) => {
    const request = await readRequest(message);
    requests.push(request);
    await options.pause?.(request);
    const answer: PlainAnswer = { headers: {}, ...state.answer(request) };
    await options.pause?.(request);
    if (!request.path.startsWith('/auth/')) {
      answer.headers['X-RateLimit-Limit'] = '500';
      answer.headers['X-RateLimit-Remaining'] = '400';
      answer.headers['X-RateLimit-Retry-After'] = '60';
    }
    if (answer.body !== undefined) answer.headers['Content-Type'] = 'application/json; charset=utf-8';
    options.alter?.(answer, request);
    const { body } = answer;
    response.writeHead(answer.status, answer.headers);
    const isRaw = typeof body === 'string' || body instanceof Uint8Array || body === undefined;
    response.end(isRaw ? body : JSON.stringify(body));
  });
  const listening = await listen(server);
  return { ...listening, url: `http://127.0.0.1:${listening.port}`, requests };
}

async function readRequest(message: IncomingMessage): Promise<PlainRequest> {
  const { pathname, searchParams } = new URL(message.url ?? '', 'http://plain');
  const { method = '', headers, url = '' } = message;
  const { authorization = '' } = headers;
  return {
    method,
    url,
    path: pathname,
    query: searchParams,
    authorization,
    body: await text(message),
    at: performance.now(),
  };
}

type Usual = { status: number; body: unknown };

const KEY = 'sandbox-key';
const SIGNATURE = '.signature';
const problem = (status: number, type: string): Usual => ({
  status,
  body: { type: `https://docs.api.video/reference/${type}`, title: 'A title.', status },
});
const MISSING = problem(404, 'resource-not-found');

class PlainState {
  readonly #options: PlainOptions;
  readonly #videos = new Map<string, PlainVideo>();
  /** The videos as the lists still show them. */
  #listed: readonly PlainVideo[] = [];
  #writes = 0;

  constructor(options: PlainOptions) {
    this.#options = options;
    const videos = options.videos ?? Array.from({ length: 7 }, (_, index) => createPlainVideo(index));
    for (const video of videos) this.#videos.set(video.videoId, video);
    const removedAt = toAtom(Date.UTC(2026, 2, 1));
    const removed = {
      ...createPlainVideo(90),
      discarded: true,
      discardedAt: removedAt,
      deletesAt: removedAt,
    };
    this.#videos.set(removed.videoId, removed);
    this.#listed = [...this.#videos.values()];
  }

  answer({ method, path, query, authorization, body }: PlainRequest): Usual {
    if (path === '/auth/api-key') return this.#exchange(JSON.parse(body));
    if (!authorization.endsWith(SIGNATURE)) return problem(401, 'authentication-invalid-access-token');
    const [, discarded, , id] = /^(\/discarded)?\/videos(\/(\w+))?$/.exec(path) ?? [];
    if (!/^(?:\/discarded)?\/videos(?:\/\w+)?$/.test(path)) return problem(404, 'unrecognized-request-url');
    if (id === undefined)
      return method === 'POST' ? this.#create(JSON.parse(body)) : this.#list(discarded, query);
    const video = this.#videos.get(id);
    if (!video) return MISSING;
    const isThere = video.discarded === (discarded !== undefined);
    if (method === 'DELETE') return this.#delete(video);
    if (!isThere) return MISSING;
    return method === 'PATCH'
      ? this.#put({ ...video, discarded: false, discardedAt: null, deletesAt: null })
      : { status: 200, body: video };
  }

  #exchange({ apiKey }: { apiKey?: unknown }): Usual {
    if (apiKey !== KEY) return problem(400, 'authentication-invalid-user-credentials');
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const token = `${part({ alg: 'none' })}.${part({ projectId: 'prPlain' })}${SIGNATURE}`;
    return { status: 200, body: { token_type: 'Bearer', expires_in: 3600, access_token: token } };
  }

  #create(fields: object): Usual {
    const now = toAtom(Date.now());
    const video = { ...createPlainVideo(50), createdAt: now, ...fields, videoId: 'viProbe' };
    return { ...this.#put(video), status: 201 };
  }

  #delete(video: PlainVideo): Usual {
    const { retentionDays = 90, secondDelete = 'nothing' } = this.#options;
    if (!video.discarded) {
      const deletesAt = toAtom(Date.now() + retentionDays * 86_400_000);
      this.#put({ ...video, discarded: true, discardedAt: toAtom(Date.now()), deletesAt });
    } else if (secondDelete === 'destroys') {
      this.#videos.delete(video.videoId);
      this.#show();
    }
    return { status: 204, body: undefined };
  }

  #put(video: PlainVideo): Usual {
    this.#videos.set(video.videoId, video);
    this.#show();
    return { status: 200, body: video };
  }

  #show(): void {
    const snapshot = [...this.#videos.values()];
    this.#writes += 1;
    const write = this.#writes;
    setTimeout(() => {
      if (write === this.#writes) this.#listed = snapshot;
    }, this.#options.listLagMs ?? 0).unref();
  }

  #list(discarded: string | undefined, query: URLSearchParams): Usual {
    const { matchesTitle = contains, matchesTags = hasAll } = this.#options;
    const term = query.get('title');
    const tags = query.getAll('tags[]');
    const found = this.#listed
      .filter((video) => video.discarded === (discarded !== undefined))
      .filter(({ title }) => term === null || matchesTitle(title, term))
      .filter((video) => tags.length === 0 || matchesTags(video.tags, tags))
      .toSorted(toOrder(query.get('sortBy') ?? 'createdAt', query.get('sortOrder') ?? 'desc'));
    const [page, size] = [Number(query.get('currentPage') ?? 1), Number(query.get('pageSize') ?? 25)];
    if (size > 100) return problem(400, 'invalid-query-parameter');
    const data = found.slice((page - 1) * size, page * size);
    const pagesTotal = Math.max(1, Math.ceil(found.length / size));
    const counts = { currentPage: page, pageSize: size, pagesTotal, itemsTotal: found.length };
    return {
      status: 200,
      body: { data, pagination: { ...counts, currentPageItems: data.length, links: [] } },
    };
  }
}

const contains = (title: string, term: string) => title.toLowerCase().includes(term.toLowerCase());
const hasAll = (tags: readonly string[], terms: readonly string[]) =>
  terms.every((term) => tags.includes(term));

function toOrder(field: string, order: string) {
  const sign = order === 'asc' ? 1 : -1;
  return (a: PlainVideo, b: PlainVideo) => sign * String(a[field]).localeCompare(String(b[field]));
}
