// Items that may have been sent by a process that has ended, long ago: whether they are sent again, and what is said of them.
import { expect, test } from 'vitest';
import { deleteBatch } from '../../src/removal/delete-batch.ts';
import { createVideos } from '../support/create-videos.ts';
import { startProject } from '../support/start-project.ts';

const MINUTE_MS = 60_000;

async function resume(
  { project, call }: Awaited<ReturnType<typeof startProject>>,
  id: string,
  endedMinutesAgo: number,
) {
  const endedAt = performance.now() - endedMinutesAgo * MINUTE_MS;
  const upstreamSentAt = Date.now() - endedMinutesAgo * MINUTE_MS;
  const earlier = {
    sentAt: endedAt - 1_000,
    upstreamSentAt,
    endedAt,
    isSeen: true,
    effectBy: upstreamSentAt + 4 * MINUTE_MS,
  };
  const outcomes = await deleteBatch(project, [id], {
    ...call,
    ifPermanent: 'allow',
    earlierSends: new Map([[id, earlier]]),
  });
  return outcomes.get(id);
}

test('what was claimed and never sent is sent once nothing can take effect any more', async () => {
  const { videos, ids } = createVideos(1);
  const [id = ''] = ids;
  await using running = await startProject({ videos, lagMs: 50, secondDelete: 'destroys' });
  expect(await resume(running, id, 2)).toMatchObject({ kind: 'failed', isUnchanged: true });
  expect(running.writes()).toBe(0);
  expect(await resume(running, id, 4)).toMatchObject({ kind: 'removed', alreadyRemoved: false });
  expect(running.writes()).toBe(1);
});
