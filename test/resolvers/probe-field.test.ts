// Video.probe marks the gateway's own video in every list and result, and no other one.
import { expect, test } from 'vitest';
import { PROBE_VIDEO } from '../../src/removal/probe.ts';
import { createVideos } from '../support/create-videos.ts';
import { DIALECTS } from '../support/plan-faults.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const { title, tags } = PROBE_VIDEO;

test.each(DIALECTS)(
  'is true for the video that the probe has deleted, in the %s dialect',
  async (dialect) => {
    const own = createVideos(1);
    await using started = await startTestGateway({ dialect, videos: own.videos });
    const { post } = started;

    const deletion = await post({
      query: `mutation ($ids: [ID!]!) {
      deleteVideos(ids: $ids) { results { ... on VideoRemoved { video { probe } } } } }`,
      variables: { ids: own.ids },
    });
    const { data } = await post({ query: '{ removedVideos { nodes { title probe } } }' });

    expect(deletion.data).toEqual({ deleteVideos: { results: [{ video: { probe: false } }] } });
    const [{ title: ownTitle } = { title: '' }] = own.videos;
    const nodes: unknown = expect.arrayContaining([
      { title, probe: true },
      { title: ownTitle, probe: false },
    ]);
    expect(data).toEqual({ removedVideos: { nodes } });
  },
);

test('is false for videos of others that have the title or the tag alone', async () => {
  const titled = createVideos(1, { title });
  const tagged = createVideos(1, { title: 'Ours', tags: [...tags] });
  const [other] = tagged.videos;
  const videos = [...titled.videos, ...(other ? [{ ...other, videoId: 'viTagged' }] : [])];
  await using started = await startTestGateway({ videos });

  const { data } = await started.post({ query: '{ videos { nodes { probe } } }' });

  expect(data).toEqual({ videos: { nodes: [{ probe: false }, { probe: false }] } });
});
