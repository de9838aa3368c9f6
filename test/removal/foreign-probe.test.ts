// The probe deletes a video of the gateway's own. Whatever api.video answers, it writes to no other video.
import { expect, test } from 'vitest';
import { PROBE_VIDEO } from '../../src/removal/probe.ts';
import { FOREIGN, LIVE, startForeignUpstream } from '../support/foreign-upstream.ts';
import { startTestGateway } from '../support/test-gateway.ts';

test.each([
  ['with another title and other tags', { title: FOREIGN.title, tags: FOREIGN.tags }],
  ['with the title of the probe video', { title: PROBE_VIDEO.title, tags: ['mine'] }],
  ['with the tag of the probe video', { title: 'My wedding', tags: PROBE_VIDEO.tags }],
])('a video %s is not deleted for a probe', async (_name, shown) => {
  await using upstream = await startForeignUpstream(shown);
  await using started = await startTestGateway({
    env: { APIVIDEO_BASE_URL: `http://127.0.0.1:${upstream.port}`, APIVIDEO_DIALECT: 'discarded' },
    upstreamLagMs: 100,
  });

  const { data } = await started.post({
    query: `mutation { deleteVideos(ids: ["${LIVE.videoId}"]) { results { __typename ... on VideoFailure { code } } } }`,
  });

  expect(data).toEqual({
    deleteVideos: { results: [{ __typename: 'VideoFailure', code: 'UPSTREAM_UNAVAILABLE' }] },
  });
  expect(new Set(upstream.writes)).toEqual(new Set(['POST /videos']));
});
