// Whether deleting twice is harmless, while somebody else restores the probe video between the two deletions of the probe.
import { expect, test } from 'vitest';
import { isProbeVideo } from '../../src/removal/probe.ts';
import { createRemovedVideos, createVideos } from '../support/create-videos.ts';
import { DIALECTS } from '../support/plan-faults.ts';
import { startTestGateway } from '../support/test-gateway.ts';

test.each(DIALECTS)('is not concluded from two first deletions of one second (%s)', async (dialect) => {
  const { videos, ids } = createVideos(2);
  const { videos: removed, ids: removedIds } = createRemovedVideos(1);
  await using started = await startTestGateway({
    dialect,
    videos: [...videos, ...removed],
    secondDelete: 'destroys',
    upstreamLagMs: 100,
  });
  const { sandbox, post } = started;
  let deletions = 0;
  sandbox.setFault(({ method, videoId = '' }) => {
    const isOfProbe = sandbox.videos().some((video) => video.videoId === videoId && isProbeVideo(video));
    if (method !== 'DELETE' || !isOfProbe) return undefined;
    deletions += 1;
    if (deletions === 2) sandbox.restore(videoId);
    return undefined;
  });
  const remove = async (named: readonly string[]) => {
    const query = `mutation ($ids: [ID!]!) { deleteVideos(ids: $ids) { results { __typename ... on VideoRemoved { alreadyRemoved } } } }`;
    return (await post({ query, variables: { ids: named } })).data;
  };
  // Both have one date if they fall into one second.
  await new Promise((resolve) => setTimeout(resolve, 1_010 - (Date.now() % 1_000)));

  await remove(ids.slice(0, 1));
  const answer = await remove([...ids.slice(1), ...removedIds]);

  expect(answer).toEqual({
    deleteVideos: {
      results: [
        { __typename: 'VideoRemoved', alreadyRemoved: false },
        { __typename: 'VideoRemoved', alreadyRemoved: true },
      ],
    },
  });
  expect(deletions).toBeGreaterThanOrEqual(2);
  const sent = sandbox.requests.filter(
    ({ method, videoId }) => method === 'DELETE' && videoId === removedIds[0],
  );
  expect(sent).toEqual([]);
});
