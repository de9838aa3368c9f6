// Whether a call may begin, while other calls of the project show what deletions do.
import { expect, test } from 'vitest';
import type { SandboxRequest } from '../../src/sandbox/server.ts';
import { DeleteVideosDocument } from '../generated/test-documents.ts';
import { createVideos } from '../support/create-videos.ts';
import { countEach } from '../support/plan-faults.ts';
import { startTestGateway } from '../support/test-gateway.ts';

test('a probe that has proved Video Restore on lets no call begin, if another deletion has destroyed since', async () => {
  const { videos, ids } = createVideos(3);
  const [refused = '', destroyed = ''] = ids;
  await using started = await startTestGateway({ videos, secondDelete: 'no-content' });
  const { sandbox, execute } = started;
  const { promise: isSecond, resolve: atSecond } = Promise.withResolvers<void>();
  let deletions = 0;
  sandbox.setFault(({ method, videoId }) => {
    if (method !== 'DELETE' || ids.includes(videoId ?? '')) return undefined;
    deletions += 1;
    if (deletions < 2) return undefined;
    // The probe has proved it, and looks what a second DELETE does: time enough for another call.
    atSecond();
    return { kind: 'delay', ms: 4_000 };
  });

  const careful = execute(DeleteVideosDocument, { ids: [refused] });
  await isSecond;
  sandbox.videoRestore = false;
  const other = await execute(DeleteVideosDocument, {
    ids: [destroyed],
    options: { ifPermanent: 'ALLOW' },
  });
  const { deleteVideos } = await careful;

  expect(other.deleteVideos?.results).toMatchObject([{ __typename: 'VideoDestroyed' }]);
  expect(deleteVideos?.results).toMatchObject([{ code: 'PERMANENT_DELETION_REFUSED' }]);
  expect(countEach(sandbox, [refused], 'DELETE')).toEqual([0]);
  expect(sandbox.state(refused)).toBe('live');
});

test('six calls that wait for a probe which upstream fails share its five attempts', async () => {
  const { videos, ids } = createVideos(6);
  await using started = await startTestGateway({ videos });
  const { sandbox, execute } = started;
  const isCreation = ({ method, path }: SandboxRequest) => method === 'POST' && path === '/videos';
  sandbox.setFault((request) =>
    isCreation(request) ? { kind: 'answer', acts: false, status: 500 } : undefined,
  );

  const answers = await Promise.all(ids.map((id) => execute(DeleteVideosDocument, { ids: [id] })));

  expect(answers.map(({ deleteVideos }) => deleteVideos?.results)).toMatchObject(
    ids.map(() => [{ code: 'UPSTREAM_UNAVAILABLE' }]),
  );
  expect(sandbox.requests.filter(isCreation)).toHaveLength(5);
});
