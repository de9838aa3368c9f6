// Every header of every answer comes twice, as from proxies that add what is there already.
import { expect, test } from 'vitest';
import { createPlainVideo, startPlainUpstream } from '../support/plain-upstream.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const VIDEOS = [1, 2, 3].map(createPlainVideo);
const IDS = VIDEOS.map(({ videoId }) => videoId);

test.each(['identity', 'IDENTITY, identity', ''])('with Content-Encoding: %j', async (encoding) => {
  await using upstream = await startPlainUpstream({
    videos: VIDEOS,
    alter(answer) {
      answer.headers['Content-Encoding'] = encoding;
      answer.headers.Date = new Date().toUTCString();
      for (const [name, value] of Object.entries(answer.headers))
        answer.headers[name] = [value, value].flat();
    },
  });
  await using started = await startTestGateway({ env: { APIVIDEO_BASE_URL: upstream.url } });
  const change = async (field: string) => {
    const query = `mutation ($ids: [ID!]!) { ${field}(ids: $ids) { results { __typename videoId } } }`;
    return (await started.post({ query, variables: { ids: IDS } })).data;
  };
  const told = (__typename: string) => ({ results: IDS.map((videoId) => ({ __typename, videoId })) });

  expect(await change('deleteVideos')).toEqual({ deleteVideos: told('VideoRemoved') });
  expect(await change('restoreVideos')).toEqual({ restoreVideos: told('VideoRestored') });

  expect((await started.post({ query: '{ videos { totalCount } }' })).errors).toEqual([]);
  const deletions = upstream.requests.filter(
    ({ method, path }) => method === 'DELETE' && IDS.some((id) => path.endsWith(`/${id}`)),
  );
  expect(deletions).toHaveLength(IDS.length);
});
