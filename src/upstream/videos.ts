// Every call to api.video's video endpoints: paths, queries, and the meaning of each answer in either dialect. Reads
// return parsed videos or throw; writes return a `WriteAnswer`, because the layers above decide by it.
import type { UnsignedRequest } from './attempt.ts';
import type { Caller, Gate, ReadKind } from './caller.ts';
import { createDialectSource, type Dialect, PLACES, type Place } from './dialects.ts';
import { isUnfiltered, type ListQuery, toSearch } from './list-query.ts';
import { toPageOfPlace } from './page-of-place.ts';
import { isMissing, parseAnswer, toStatusError } from './read-answer.ts';
import type { Send } from './send.ts';
import { type OnOddField, readVideo, readVideoPage, type Video, type VideoPage } from './shapes.ts';
import { SharedReads, type Write } from './shared-reads.ts';
import type { HttpAnswer } from './transport.ts';
import { type Sent, UpstreamClock } from './upstream-clock.ts';
import { AnswerLostError, NotSentError, toCancelled } from './upstream-errors.ts';
import { assertVideoId } from './video-id.ts';
import { toRefusedAnswer, toUnsentAnswer, toWriteAnswer, type WriteAnswer } from './write-answer.ts';

type NewVideo = { readonly [Key in 'title' | 'description' | 'public' | 'tags']: NonNullable<Video[Key]> };

/** How long the read that detects the dialect waits for the budget. */
const DIALECT_WAIT_MS = 20_000;
/** Maximum number of videos on kept pages: some five megabytes. */
const MAX_KEPT_VIDEOS = 2_000;

export class Videos {
  /** How late a read may show a write, whoever made it; in milliseconds. */
  readonly lagMs: number;
  /** How long after upstream accepted its credentials a caller may see what others have read; in milliseconds. */
  readonly believeMs: number;
  readonly #send: Send;
  readonly #onSeen: (id: string) => void;
  readonly #onOddField: OnOddField | undefined;
  readonly #dialects: ReturnType<typeof createDialectSource>;
  readonly #clock = new UpstreamClock();
  readonly #totals: Partial<Record<Place, number>> = {};
  readonly #single: SharedReads<Video | null>;
  readonly #pages: SharedReads<VideoPage>;

  /**
   * @param options - `keepPagesMs`: how long a page may answer other requests; only `read`s use kept pages.
   *   `lagMs`: how late upstream's reads may show a write.
   *   `onSeen`: called for each video that a read or an answer shows.
   *   `onOddField`: called for each field of these that has another form than upstream's.
   */
  constructor(options: {
    readonly send: Send;
    readonly dialect: 'auto' | Dialect['name'];
    readonly keepPagesMs: number;
    readonly lagMs: number;
    readonly onSeen?: (id: string) => void;
    readonly onOddField?: OnOddField | undefined;
  }) {
    const { keepPagesMs, lagMs, onSeen = () => {} } = options;
    this.#send = options.send;
    this.#onSeen = onSeen;
    this.#onOddField = options.onOddField;
    this.lagMs = lagMs;
    this.#dialects = createDialectSource(options.dialect);
    this.believeMs = keepPagesMs;
    const shared = { believeMs: keepPagesMs, lagMs };
    this.#single = new SharedReads({ ...shared, keepMs: 0, maxWeight: 0, weigh: () => 1 });
    this.#pages = new SharedReads({
      ...shared,
      keepMs: keepPagesMs,
      maxWeight: MAX_KEPT_VIDEOS,
      weigh: ({ videos }) => videos.length + 1,
    });
  }

  /**
   * The dialect that upstream speaks; unless configured, it costs one read the first time. All callers share that read.
   * It has a deadline of its own, so that it outlives the caller that began it, but it uses that caller's credentials.
   *
   * @throws {CancelledError} if the caller has disconnected already.
   */
  async dialect({ credentials, signal }: Pick<Caller, 'credentials' | 'signal'>): Promise<Dialect> {
    if (signal?.aborted) throw toCancelled(signal);
    return this.#dialects(
      (path) => this.#read('check', { deadline: performance.now() + DIALECT_WAIT_MS, credentials }, path),
      credentials,
    );
  }

  /**
   * Looks for one video in the given places, in order, until one shows it.
   *
   * @param kind - equal `read`s of several requests become one; all others are evidence, and never shared.
   * @returns null if no place shows it.
   * @throws the errors of `Send`, and UpstreamStatusError for any other answer.
   */
  async find(id: string, places: readonly Place[], kind: ReadKind, caller: Caller): Promise<Video | null> {
    assertVideoId(id);
    const { videoPath } = await this.dialect(caller);
    for (const path of new Set(places.map((place) => videoPath[place](id)))) {
      const look = () => this.#readOne(id, kind, caller, path, path === videoPath.live(id));
      const video = await (kind === 'read' ? this.#single.read(path, look, caller) : look());
      if (video) return video;
    }
    return null;
  }

  /** The places that one read of this place shows. @throws the errors of `dialect`. */
  async placesShownWith(place: Place, caller: Caller): Promise<readonly Place[]> {
    const { videoPath } = await this.dialect(caller);
    return PLACES.filter((other) => videoPath[other]('') === videoPath[place](''));
  }

  /**
   * One page of the live or the removed videos, without the videos whose own flag disagrees.
   *
   * @param kind - a `read` may reuse a page just read for another request; all others are evidence, and never shared.
   * @param since - uses no kept page, nor a read that began before this time (of `performance.now()`) or the latest write.
   */
  async list(
    place: Place,
    query: ListQuery,
    kind: ReadKind,
    caller: Caller,
    since?: number,
  ): Promise<VideoPage> {
    const path = await this.#pagePath(place, query, caller);
    const look = () => this.#readPage(place, query, kind, caller, path);
    return kind === 'read' ? this.#pages.read(path, look, caller, since) : look();
  }

  /** How many requests `list` would send for these pages as `read`s: pages that others have just read cost none. */
  async cost(place: Place, queries: readonly ListQuery[], caller: Caller, since?: number): Promise<number> {
    const paths = await Promise.all(queries.map((query) => this.#pagePath(place, query, caller)));
    return paths.filter((path) => !this.#pages.has(path, caller, since)).length;
  }

  /** Now, and the earliest time that upstream's clock can show now. */
  now(): Sent {
    return this.#clock.sent(performance.now());
  }

  /** Call this once a write is settled: what was read before answers no later request, or after a bulk write, not for long. */
  forgetReads(write: Write): void {
    this.#single.forget(write);
    this.#pages.forget(write);
  }

  /** How many videos upstream last reported; undefined before its first report. A hint, never evidence. */
  lastTotal(place: Place): number | undefined {
    return this.#totals[place];
  }

  /** Deletes, or removes if Video Restore is on; the answer does not show which. */
  async delete(id: string, caller: Caller, gate?: Gate): Promise<WriteAnswer> {
    assertVideoId(id);
    return this.#write({ method: 'DELETE', path: `/videos/${id}`, gate }, [204], caller);
  }

  /** Makes a removed video live again. Detects the dialect first, if it is not known. */
  async restore(id: string, caller: Caller, gate?: Gate): Promise<WriteAnswer> {
    assertVideoId(id);
    let dialect: Dialect;
    try {
      dialect = await this.dialect(caller);
    } catch (error) {
      return toUnsentAnswer(error);
    }
    const answer = await this.#write({ method: 'PATCH', ...dialect.restore(id), gate }, [200], caller);
    if (answer.kind !== 'done') return answer;
    // The state of another video proves nothing about this one.
    if (answer.video?.id !== id) return { ...answer, kind: 'lost', failed: false };
    this.#onSeen(id);
    return { ...answer, provesRemoved: dialect.restoreProvesRemoved };
  }

  /** Creates a video object without a file. */
  async create(video: NewVideo, caller: Caller): Promise<WriteAnswer> {
    return this.#write({ method: 'POST', path: '/videos', json: video }, [201, 202], caller);
  }

  async #pagePath(place: Place, query: ListQuery, caller: Caller): Promise<string> {
    const dialect = place === 'live' ? undefined : await this.dialect(caller);
    return `${dialect?.listPath[place] ?? '/videos'}?${toSearch(query, dialect?.listQuery[place])}`;
  }

  async #readPage(
    place: Place,
    query: ListQuery,
    kind: ReadKind,
    caller: Caller,
    path: string,
  ): Promise<VideoPage> {
    const answer = await this.#read(kind, caller, path);
    if (answer.status !== 200) throw toStatusError(answer, `GET ${path}`);
    const whole = parseAnswer((body) => readVideoPage(body, this.#onOddField), answer);
    if (isUnfiltered(query)) this.#totals[place] = whole.total;
    const page = toPageOfPlace(whole, place);
    for (const { id } of page.videos) this.#onSeen(id);
    return page;
  }

  async #readOne(
    id: string,
    kind: ReadKind,
    caller: Caller,
    path: string,
    mayBeLive: boolean,
  ): Promise<Video | null> {
    const answer = await this.#read(kind, caller, path);
    if (answer.status === 200) {
      const video = parseAnswer((body) => readVideo(body, this.#onOddField), answer);
      if (video.id !== id) throw new AnswerLostError('upstream answered with another video', answer.sentAt);
      if (!mayBeLive && !video.removed) {
        this.#onOddField?.(id, 'discarded');
        throw new AnswerLostError('a path of removed videos showed one that is not removed', answer.sentAt);
      }
      this.#onSeen(id);
      return video;
    }
    if (!isMissing(answer)) throw toStatusError(answer, `GET ${path}`);
    return null;
  }

  async #write(request: UnsignedRequest, done: readonly number[], caller: Caller): Promise<WriteAnswer> {
    try {
      const answer = await this.#send('write', caller, request);
      this.#clock.observe(answer);
      const { status } = answer;
      const sent = this.#clock.sent(answer.sentAt);
      if (done.includes(status)) {
        const read = (body: Buffer) => readVideo(body, this.#onOddField, 'write');
        return { kind: 'done', video: status === 204 ? undefined : parseAnswer(read, answer), ...sent };
      }
      return toRefusedAnswer(answer, sent);
    } catch (error) {
      return toWriteAnswer(error, this.#clock);
    } finally {
      this.forgetReads(caller);
    }
  }

  /** Repeats a failed read once: a read changes nothing, and a kept-alive connection may just have died. */
  async #read(kind: ReadKind, caller: Caller, path: string): Promise<HttpAnswer> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const answer = await this.#send(kind, caller, { method: 'GET', path });
        this.#clock.observe(answer);
        if (answer.status < 500 || attempt === 2) return answer;
      } catch (error) {
        if (attempt === 2 || !(error instanceof AnswerLostError || error instanceof NotSentError))
          throw error;
      }
    }
  }
}
