// Deletes and restores the gateway's own probe video, and records what api.video does. It never writes to any other
// video, and ends with the probe video deleted, also if it is stopped halfway.
import { isProbeVideo, PROBE_VIDEO } from '../removal/probe.ts';
import type { Dialect } from '../upstream/dialects.ts';
import { toSearch } from '../upstream/list-query.ts';
import { readVideo, readVideoPage, ShapeError, type Video } from '../upstream/shapes.ts';
import type { HttpAnswer } from '../upstream/transport.ts';
import { UpstreamClock } from '../upstream/upstream-clock.ts';
import { isVideoId } from '../upstream/video-id.ts';
import type { CheckClient } from './check-client.ts';
import { readDialect } from './check-dialect.ts';
import { describeNotMissing } from './check-refusals.ts';
import { type CheckRun, once } from './check-run.ts';
import { NotCheckedError } from './finding.ts';
import {
  type Goal,
  type LagRoundEnd,
  type Lags,
  measureRound,
  type ProbeView,
  VIEWS,
} from './measure-lag.ts';
import { ENDS, type ProbeState } from './probe-ends.ts';

const [TAG] = PROBE_VIDEO.tags;

/** What is known so far. A member is undefined if the experiment did not get there. */
export type Experiment = {
  readonly lags: Lags;
  videoRestore?: 'on' | 'off';
  /** The status of the first DELETE. */
  deletion?: number;
  /** The video after that, and the earliest time that upstream's clock can have shown when the DELETE was sent. */
  removal?: { readonly video: Video; readonly upstreamSentAt: number };
  secondDelete?: { readonly status: number; readonly destroyed: boolean };
  restore?: { readonly status: number; readonly video: Video | undefined };
  secondRestore?: number;
  /** How the answers to a restore and to a DELETE of a destroyed video fail to show that it is gone. */
  destroyed?: { readonly restore: string | undefined; readonly deletion: string | undefined };
  /** What is left of the probe video. */
  left: string;
  /** Why the experiment ended early. */
  fault?: NotCheckedError;
};

export const experiment = once(async (run: CheckRun): Promise<Experiment> => {
  const attempt = new ProbeAttempt(run, await readDialect(run));
  await attempt.perform();
  return attempt.record;
});

class ProbeAttempt {
  readonly record: Experiment = { lags: new Map(), left: '' };
  readonly #client: CheckClient;
  readonly #dialect: Dialect;
  readonly #assumedMs: number;
  #probe: { readonly id: string; state: ProbeState } | undefined;
  /** Whether the creation was sent, and its answer did not show the video. */
  #mayExist = false;

  constructor({ client, config }: CheckRun, dialect: Dialect) {
    this.#client = client;
    this.#dialect = dialect;
    this.#assumedMs = config.upstreamLagMs;
  }

  async perform(): Promise<void> {
    await this.#noteFault(() => this.#tryEverything());
    await this.#noteFault(() => this.#deleteAtLast());
    this.record.left = this.#describeEnd();
    if (this.record.fault) return;
    // The checks after this one should see a project at rest.
    const lags = [...this.record.lags.values()].map(({ freshMs }) => freshMs ?? 0);
    await this.#noteFault(() => this.#client.wait(Math.max(0, ...lags)));
  }

  /** The first fault explains the later ones. */
  async #noteFault(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      if (!(error instanceof NotCheckedError)) throw error;
      this.record.fault ??= error;
    }
  }

  async #tryEverything(): Promise<void> {
    await this.#bringToLife();
    const deletion = await this.#delete();
    this.record.deletion = deletion.status;
    if (deletion.status !== 204) return;
    const { video, unsettled } = await this.#measure('removed', deletion, VIEWS);
    // Only a restore distinguishes a destroyed video from one that reads still hide: it acts on the true state.
    const restore = await this.#restore();
    if (unsettled.includes('removed read') && restore.status !== 200) {
      if (restore.status !== 404) throw toUnrestored(restore);
      this.record.videoRestore = 'off';
      return this.#tryDestroyed(restore);
    }
    this.record.videoRestore = 'on';
    if (video) this.record.removal = { video, upstreamSentAt: this.#toUpstreamTime(deletion) };
    this.record.restore = { status: restore.status, video: toVideo(restore) };
    if (restore.status !== 200) return;
    await this.#measure('live', restore, VIEWS);
    this.record.secondRestore = (await this.#restore()).status;
    await this.#trySecondDelete();
  }

  /** Comes last, because it may destroy the video. */
  async #trySecondDelete(): Promise<void> {
    const first = await this.#delete();
    if (first.status !== 204) throw new NotCheckedError(`A later DELETE was answered with ${first.status}.`);
    await this.#measure('removed', first, VIEWS);
    const { status } = await this.#write({ method: 'DELETE', path: this.#path }, 'doubtful');
    const restore = await this.#restore();
    this.record.secondDelete = { status, destroyed: restore.status === 404 };
    if (restore.status === 404) await this.#tryDestroyed(restore);
  }

  /** Finds, restores or creates the probe video. */
  async #bringToLife(): Promise<void> {
    const [removed, live] = [await this.#find('removed'), await this.#find('live')];
    if (live) this.#probe = { id: live.id, state: 'live' };
    else if (!removed) await this.#create();
    else {
      this.#probe = { id: removed.id, state: 'removed' };
      const answer = await this.#restore();
      if (answer.status !== 200) throw toUnrestored(answer);
      await this.#measure('live', answer, VIEWS);
    }
  }

  async #create(): Promise<void> {
    this.#mayExist = true;
    const answer = await this.#client.write({ method: 'POST', path: '/videos', json: PROBE_VIDEO });
    this.#mayExist = answer.status < 400;
    const video = toVideo(answer);
    if (![201, 202].includes(answer.status) || !video || !isVideoId(video.id) || !isProbeVideo(video))
      throw new NotCheckedError(
        `Creating the probe video was answered with ${answer.status}${video ? ', and another video' : ''}.`,
      );
    this.#probe = { id: video.id, state: 'live' };
    await this.#measure('live', answer, ['live read', 'live list']);
  }

  async #find(place: 'live' | 'removed'): Promise<Video | undefined> {
    const query = toSearch(
      { filter: { tags: [TAG] }, currentPage: 1, pageSize: 100 },
      this.#dialect.listQuery[place],
    );
    const answer = await this.#client.read(`${this.#dialect.listPath[place]}?${query}`);
    try {
      const { videos } = readVideoPage(answer.body);
      return videos.find((video) => isProbeVideo(video) && isVideoId(video.id));
    } catch (error) {
      if (error instanceof ShapeError)
        throw new NotCheckedError(`The list of ${place} videos cannot be read.`);
      throw error;
    }
  }

  #delete(): Promise<HttpAnswer> {
    // Until it is known what deletions do, the video may be destroyed.
    const state = this.record.videoRestore === 'on' ? 'removed' : 'deleted';
    return this.#write({ method: 'DELETE', path: this.#path }, state);
  }

  #restore(): Promise<HttpAnswer> {
    return this.#write({ method: 'PATCH', ...this.#dialect.restore(this.#id) }, 'live');
  }

  /** @param restore - its answer shows that the video is destroyed. */
  async #tryDestroyed(restore: HttpAnswer): Promise<void> {
    const deletion = await this.#delete();
    if (this.#probe) this.#probe.state = 'destroyed';
    this.record.destroyed = { restore: describeNotMissing(restore), deletion: describeNotMissing(deletion) };
  }

  /** @param state - of the video if the write succeeds. */
  async #write(
    request: { method: 'DELETE' | 'PATCH'; path: string; json?: unknown },
    state: ProbeState,
  ): Promise<HttpAnswer> {
    const probe = this.#probe;
    const before = probe?.state;
    if (probe) probe.state = 'doubtful';
    const answer = await this.#client.write(request);
    if (probe && before) probe.state = answer.status < 300 ? state : before;
    return answer;
  }

  #measure(
    goal: Goal,
    { receivedAt: answeredAt }: HttpAnswer,
    views: readonly ProbeView[],
  ): Promise<LagRoundEnd> {
    const { lags } = this.record;
    const shared = { client: this.#client, dialect: this.#dialect, videoId: this.#id, tag: TAG };
    return measureRound({ ...shared, goal, answeredAt, views, assumedMs: this.#assumedMs }, lags);
  }

  #toUpstreamTime({ sentAt }: HttpAnswer): number {
    const clock = new UpstreamClock();
    for (const { answer } of this.#client.seen) clock.observe(answer);
    return clock.sent(sentAt).upstreamSentAt;
  }

  /** Deletes the probe video unless it is known to be deleted. */
  async #deleteAtLast(): Promise<void> {
    const probe = this.#probe;
    if (!probe || ['removed', 'destroyed', 'deleted'].includes(probe.state)) return;
    const wasLive = probe.state === 'live';
    probe.state = 'doubtful';
    const { status } = await this.#client.cleanUp({ method: 'DELETE', path: this.#path });
    if (status !== 204 && status !== 404) return;
    const { videoRestore } = this.record;
    if (status === 404 || !wasLive || videoRestore === undefined) probe.state = 'deleted';
    else probe.state = videoRestore === 'on' ? 'removed' : 'destroyed';
  }

  #describeEnd(): string {
    if (this.#probe) return ENDS[this.#probe.state](this.#probe.id);
    return this.#mayExist && this.#client.sent.write > 0
      ? `Perhaps a video titled "${PROBE_VIDEO.title}": no answer showed its creation. The gateway would use it.`
      : 'Nothing: no probe video was made.';
  }

  get #id(): string {
    if (!this.#probe) throw new TypeError('there is no probe video yet');
    return this.#probe.id;
  }

  get #path(): string {
    return `/videos/${this.#id}`;
  }
}

function toUnrestored({ status }: HttpAnswer): NotCheckedError {
  return new NotCheckedError(`Restoring the probe video was answered with ${status}.`);
}

function toVideo(answer: HttpAnswer): Video | undefined {
  try {
    return readVideo(answer.body, undefined, 'write');
  } catch (error) {
    if (error instanceof ShapeError) return undefined;
    throw error;
  }
}
