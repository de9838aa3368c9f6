// Finds out whether deletions can be restored, on a video of the gateway's own: it is deleted, and looked for. The only
// writes that no caller asked for by name; they happen only where a call with REFUSE has no proof to start on.
import {
  BudgetExhaustedError,
  CancelledError,
  CircuitOpenError,
  NotSentError,
  UnauthorizedError,
} from '../upstream/errors.ts';
import type { Caller } from '../upstream/governor.ts';
import type { Video } from '../upstream/shapes.ts';
import type { Videos, WriteAnswer } from '../upstream/videos.ts';
import { LAG_MS, lookAfterWrite, provesRestorable } from './look.ts';
import { pause } from './pause.ts';
import type { VideoRestore } from './video-restore.ts';

const MAX_ATTEMPTS = 5;
const PAUSE_MS = 150;

const TAG = 'apivideo-graphql-video-restore-probe';
const PROBE_VIDEO = {
  title: 'apivideo-graphql: Video Restore probe',
  description:
    'An empty video that the GraphQL gateway deletes and restores to find out whether Video Restore is on. Safe to delete.',
  public: false,
  tags: [TAG],
} as const;

/**
 * Deletes and restores the probe video, and writes what it saw into `videoRestore`.
 *
 * @param write - on whose behalf it writes, until when. @param check - the same for the reads, with time to settle.
 * @throws {BudgetExhaustedError | UnauthorizedError | NotSentError} where it could not be finished; nothing is concluded.
 */
export async function probe(
  videos: Videos,
  videoRestore: VideoRestore,
  write: Caller,
  check: Caller,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await probeOnce(videos, videoRestore, write, check);
    } catch (error) {
      const isHopeless =
        error instanceof BudgetExhaustedError ||
        error instanceof CancelledError ||
        error instanceof CircuitOpenError ||
        error instanceof UnauthorizedError;
      // Another gateway may be probing the same video, or an answer was lost: after a while of its own, each goes again.
      if (isHopeless || attempt === MAX_ATTEMPTS) throw error;
      if (!(await pause(PAUSE_MS * attempt * (1 + Math.random()), write))) throw error;
    }
  }
}

async function probeOnce(
  videos: Videos,
  videoRestore: VideoRestore,
  write: Caller,
  check: Caller,
): Promise<void> {
  const found = await findProbeVideo(videos, check);
  const id = found && !found.removed ? found.id : await bringToLife(videos, found, write);

  const sent = demand(await videos.delete(id, write));
  const endedAt = performance.now();
  const look = await lookAfterWrite(videos, id, check, { goal: 'removed', answer: 'done', sent, endedAt });
  if (look.kind === 'absent') {
    videoRestore.refuted(sent);
    return;
  }
  const isNewer = look.kind === 'removed' && (look.video?.removedAt ?? '') !== found?.removedAt;
  if (!provesRestorable(look, sent) || !isNewer)
    throw new NotSentError('the probe video was not seen to be removed');
  videoRestore.proved(sent);

  if (videoRestore.secondDelete === 'unknown') await deleteTwice(videos, videoRestore, id, write, check);
}

/** What a second DELETE does is unknown until seen: seen here, it is never found out on a caller's video. */
async function deleteTwice(
  videos: Videos,
  videoRestore: VideoRestore,
  id: string,
  write: Caller,
  check: Caller,
) {
  const answer = await videos.delete(id, write);
  if (answer.kind !== 'done' && answer.kind !== 'missing') return;
  const endedAt = performance.now();
  // It was removed before, too: until the lag is over, a read may show that though it is gone.
  if (answer.kind === 'done' && !(await pause(LAG_MS, check))) return;
  const second = { goal: 'removed', answer: answer.kind, sent: undefined, endedAt } as const;
  const look = await lookAfterWrite(videos, id, check, second);
  if (look.kind === 'absent') videoRestore.secondDelete = 'destroys';
  else if (look.kind === 'removed')
    videoRestore.secondDelete = answer.kind === 'missing' ? 'refused' : 'harmless';
}

async function findProbeVideo(videos: Videos, caller: Caller): Promise<Video | undefined> {
  const query = { filter: { tags: [TAG] }, currentPage: 1, pageSize: 100 };
  const [removed, live] = await Promise.all([
    videos.list('removed', query, 'check', caller),
    videos.list('live', query, 'check', caller),
  ]);
  // The tag alone could be on somebody's video; title and tag together are the gateway's.
  return [...removed.videos, ...live.videos].find(({ title }) => title === PROBE_VIDEO.title);
}

async function bringToLife(videos: Videos, found: Video | undefined, caller: Caller): Promise<string> {
  if (found) {
    const answer = await videos.restore(found.id, await videos.dialect(caller), caller);
    if (answer.kind !== 'missing') {
      demand(answer);
      return found.id;
    }
    // Its 90 days were over: the list lagged. A new one takes its place.
  }
  const answer = await videos.create(PROBE_VIDEO, caller);
  demand(answer);
  if (answer.kind !== 'done' || !answer.video) throw new NotSentError('the probe video was not created');
  return answer.video.id;
}

/** A probe either ran as planned or proves nothing. */
function demand(answer: WriteAnswer) {
  if (answer.kind === 'done') return answer;
  if (answer.kind === 'withheld') throw new BudgetExhaustedError(answer.retryAfterSeconds);
  if (answer.kind === 'unauthorized')
    throw new UnauthorizedError('upstream refuses the credentials of the probe');
  throw new NotSentError(`a write of the probe ended as ${answer.kind}`);
}
