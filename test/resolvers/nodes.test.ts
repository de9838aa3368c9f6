// Many lookups at once: in the fewest reads, in the order asked, and nothing called absent on the word of a page.
import { describe, expect, test } from 'vitest';
import type { SandboxRequest } from '../../src/sandbox/server.ts';
import { NodesDocument } from '../generated/test-documents.ts';
import { createRemovedVideos, createVideos } from '../support/create-videos.ts';
import { DIALECTS } from '../support/plan-faults.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const ABSENT = ['viAbsent1', 'viAbsent2', 'viAbsent3'];
const isRead = ({ method }: SandboxRequest) => method === 'GET';
const isSingle = ({ videoId }: SandboxRequest) => videoId !== undefined;

describe.each(DIALECTS)('nodes in the %s dialect', (dialect) => {
  test('finds 300 among 1,000 in at most 20 reads', async () => {
    const { videos, ids } = createVideos(1000);
    await using started = await startTestGateway({ dialect, videos });
    const { sandbox, execute } = started;
    const wanted = ids.filter((_id, index) => index % 10 < 3);
    const { nodes } = await execute(NodesDocument, { ids: wanted });
    expect(nodes?.map((node) => node?.id)).toEqual(wanted);
    expect(sandbox.requests.filter(isRead).length).toBeLessThanOrEqual(20);
  });

  test('finds 300 live and removed ones among as many, in the order asked', async () => {
    const live = createVideos(500);
    const removed = createRemovedVideos(500);
    await using started = await startTestGateway({
      dialect,
      videos: [...live.videos, ...removed.videos],
    });
    const { sandbox, execute } = started;
    const wanted = Array.from({ length: 150 }, (_, index) => [live.ids[index * 3], removed.ids[index * 3]])
      .flat()
      .filter((id) => id !== undefined);
    const { nodes } = await execute(NodesDocument, { ids: wanted });
    expect(nodes?.map((node) => node?.id)).toEqual(wanted);
    expect(sandbox.requests.filter(isRead).length).toBeLessThanOrEqual(20);
  });

  test('reads two one by one, whatever the lists hold', async () => {
    const { videos, ids } = createVideos(50);
    await using started = await startTestGateway({ dialect, videos });
    const { sandbox, execute } = started;
    await execute(NodesDocument, { ids: ids.slice(0, 1) });
    sandbox.clearRequests();
    await execute(NodesDocument, { ids: ids.slice(1, 3) });
    expect(sandbox.requests.map(({ path }) => path)).toEqual(ids.slice(1, 3).map((id) => `/videos/${id}`));
  });

  test('says that one is absent only where two rounds of reads found it nowhere', async () => {
    // More than a walk gives up for, should the machine be so busy that a page takes two seconds.
    const { videos, ids } = createVideos(60);
    await using started = await startTestGateway({ dialect, videos });
    const { execute, calls } = started;
    const { nodes } = await execute(NodesDocument, { ids: [...ids, ...ABSENT] });
    expect(nodes?.map((node) => node?.id)).toEqual([...ids, ...ABSENT.map(() => undefined)]);
    const paths = dialect === 'removed' ? ['/videos/'] : ['/discarded/videos/', '/videos/'];
    const look = (path = '') => ABSENT.map((id) => `GET ${path}${id}`);
    // The list of live videos is the first half of the first round.
    expect(calls().sort()).toEqual([...look(paths[0]), ...paths.flatMap((path) => look(path))].sort());
  });

  test('looks up one by one what a page that fails would have shown, and only that', async () => {
    const { videos, ids } = createVideos(300);
    await using started = await startTestGateway({ dialect, videos });
    const { sandbox, execute } = started;
    sandbox.setFault(({ query }) =>
      query.get('currentPage') === '2' ? { kind: 'answer', acts: false, status: 500 } : undefined,
    );
    const { nodes } = await execute(NodesDocument, { ids });
    expect(nodes?.map((node) => node?.id)).toEqual(ids);
    expect(sandbox.requests.filter(isSingle)).toHaveLength(100);
  });
});

test('refuses more ids than MAX_IDS with nothing sent, answers the field beside it, and takes as many', async () => {
  const { videos, ids } = createVideos(6);
  await using started = await startTestGateway({ videos, env: { MAX_IDS: '5' } });
  const { sandbox, post, execute } = started;
  const { data, errors } = await post({
    query: 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } viewer { maxIds } }',
    variables: { ids },
  });
  expect(data).toEqual({ nodes: null, viewer: { maxIds: 5 } });
  expect(errors).toMatchObject([
    {
      path: ['nodes'],
      message: 'Expected at most 5 ids, and got 6. Split the query.',
      extensions: { code: 'BAD_USER_INPUT' },
    },
  ]);
  expect(sandbox.requests).toHaveLength(0);
  const five = ids.slice(0, 5);
  const { nodes } = await execute(NodesDocument, { ids: five });
  expect(nodes?.map((node) => node?.id)).toEqual(five);
});

test('refuses one id that is named too often as one error, and answers one named twice', async () => {
  const { videos, ids } = createVideos(1);
  await using started = await startTestGateway({ videos });
  const { post, execute } = started;
  const { errors } = await post({
    query: 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }',
    variables: { ids: Array.from({ length: 40_000 }, () => 'viAbsent') },
  });
  expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  const { nodes } = await execute(NodesDocument, { ids: [...ids, ...ids] });
  expect(nodes?.map((node) => node?.id)).toEqual([...ids, ...ids]);
});

test('answers null for what cannot be an id, and sends nothing for it', async () => {
  const { videos, ids } = createVideos(1);
  await using started = await startTestGateway({ videos });
  const { execute, calls } = started;
  const { nodes } = await execute(NodesDocument, { ids: ['../../account', ...ids, ''] });
  expect(nodes?.map((node) => node?.id)).toEqual([undefined, ...ids, undefined]);
  expect(calls()).toEqual(ids.map((id) => `GET /videos/${id}`));
});

test('takes ten times MAX_IDS ids in all fields of a request, and refuses the field with more', async () => {
  const { videos, ids } = createVideos(5);
  await using started = await startTestGateway({ videos, env: { MAX_IDS: '5' } });
  const { post } = started;
  const ask = (fields: number) => {
    const aliases = Array.from({ length: fields }, (_, index) => `a${index}: nodes(ids: $ids) { id }`);
    return post({ query: `query ($ids: [ID!]!) { ${aliases.join(' ')} }`, variables: { ids } });
  };

  const allowed = await ask(10);
  const refused = await ask(11);

  expect(allowed.errors).toEqual([]);
  expect(allowed.data).toHaveProperty('a9.length', 5);
  expect(refused.data).toMatchObject({ a9: ids.map((id) => ({ id })), a10: null });
  expect(refused.errors).toMatchObject([
    {
      path: ['a10'],
      message: 'Expected at most 50 ids in all fields of a request, and got more. Split the query.',
      extensions: { code: 'BAD_USER_INPUT' },
    },
  ]);
});
