// What callers see of operations: one by its id, lists of them, and their results in pages.
import { expect, test } from 'vitest';
import * as z from 'zod';
import { createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import {
  answer,
  ask,
  cancelOperation,
  deleteVideos,
  endOf,
  findOperation,
  idsOf,
  KEPT,
  restoreVideos,
  start,
} from '../support/operation-calls.ts';
import { always } from '../support/plan-faults.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const PAGE = 'nodes { id } totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }';
const pageShape = z.object({
  totalCount: z.number(),
  pageInfo: z.object({
    hasNextPage: z.boolean(),
    hasPreviousPage: z.boolean(),
    startCursor: z.string().nullable(),
    endCursor: z.string().nullable(),
  }),
});

test('operations are listed newest first, in pages both ways, with what is before and after', async () => {
  await using started = await startTestGateway(KEPT);
  const ids: string[] = [];
  for (const id of ['-', '+', '*', '/', '%']) ids.unshift((await start(started, [id])).id);
  const list = async (args: string) => (await ask(started, `{ operations${args} { ${PAGE} } }`)).operations;

  const whole = await list('');
  const first = await list('(first: 2)');
  const { endCursor } = pageShape.parse(first).pageInfo;
  const second = await list(`(first: 2, after: "${endCursor}")`);
  const { startCursor } = pageShape.parse(second).pageInfo;
  const back = await list(`(last: 1, before: "${startCursor}")`);
  const last = await list('(last: 2)');

  expect(idsOf(whole)).toEqual(ids);
  expect([first, second, back, last].map(idsOf)).toEqual([
    ids.slice(0, 2),
    ids.slice(2, 4),
    ids.slice(1, 2),
    ids.slice(3),
  ]);
  const sides = (page: unknown) => {
    const { hasPreviousPage, hasNextPage } = pageShape.parse(page).pageInfo;
    return [hasPreviousPage, hasNextPage];
  };
  expect([whole, first, second, back, last].map(sides)).toEqual([
    [false, false],
    [false, true],
    [true, true],
    [true, true],
    [true, false],
  ]);
  expect(pageShape.parse(second).totalCount).toBe(5);
});

test('unfinished lists what goes on, or what has ended', async () => {
  const { videos, ids } = createVideos(2);
  await using started = await startTestGateway({
    ...KEPT,
    videos,
    limits: { reads: 500, writes: 1 },
    env: { VIDEO_RESTORE: 'on' },
  });
  const ended = await start(started, ['-']);
  await endOf(started, ended.id);
  const open = await start(started, ids);

  const lists = await ask(
    started,
    `{ yes: operations(unfinished: true) { ${PAGE} } no: operations(unfinished: false) { ${PAGE} } }`,
  );

  expect(idsOf(lists.yes)).toEqual([open.id]);
  expect(idsOf(lists.no)).toEqual([ended.id]);
  expect([lists.yes, lists.no].map((list) => pageShape.parse(list).totalCount)).toEqual([1, 1]);
});

test('wrong arguments and cursors of another list are refused, and leave other fields alone', async () => {
  await using started = await startTestGateway(KEPT);
  const { id } = await start(started, ['-', '+']);
  const { operation } = await ask(
    started,
    `{ operation(id: "${id}") { results(first: 1) { pageInfo { endCursor } } } }`,
  );
  const { results } = z
    .object({ results: z.object({ pageInfo: z.object({ endCursor: z.string() }) }) })
    .parse(operation);

  for (const args of [
    'first: 0',
    'first: 251',
    'first: 1, last: 1',
    'after: "x"',
    `after: "${results.pageInfo.endCursor}"`,
  ]) {
    const { data, errors } = await answer(
      started,
      `{ operations(${args}) { totalCount } viewer { maxIds } }`,
    );
    expect(
      errors.map(({ extensions }) => extensions?.code),
      args,
    ).toEqual(['BAD_USER_INPUT']);
    expect(data).toEqual({ operations: null, viewer: { maxIds: 1000 } });
  }
});

test('node and nodes find operations beside videos, and null for what is none', async () => {
  const { videos, ids } = createVideos(1);
  await using started = await startTestGateway({ ...KEPT, videos });
  const { id } = await start(started, ['-']);
  const none = `op_${'A'.repeat(22)}`;

  const data = await ask(
    started,
    `query ($ids: [ID!]!) { node(id: "${id}") { __typename id ... on Operation { total } }
      nodes(ids: $ids) { __typename id } none: node(id: "${none}") { id } wrong: node(id: "op_") { id } operation(id: "no operation") { id } }`,
    { ids: [id, ids[0], none, id] },
  );

  const operation = { __typename: 'Operation', id };
  expect(data).toEqual({
    node: { ...operation, total: 1 },
    nodes: [operation, { __typename: 'Video', id: ids[0] }, null, operation],
    none: null,
    wrong: null,
    operation: null,
  });
});

test('results have every outcome, in the order of the ids, also those that failed alone', async () => {
  const { videos, ids } = createVideos(3);
  const [removed = '', rejected = '', gone = ''] = ids;
  await using started = await startTestGateway({ ...KEPT, videos: videos.slice(0, 2) });
  const body = JSON.stringify({
    type: 'https://docs.api.video/reference/request-invalid-query-parameter',
    title: 'Locked',
  });
  const headers = { 'content-type': 'application/problem+json' };
  started.sandbox.setFault(
    always([rejected], 'DELETE', { kind: 'answer', acts: false, status: 409, body, headers }),
  );
  const { id } = await start(started, [gone, '-', removed, rejected]);
  await endOf(started, id);

  const { operation } = await ask(
    started,
    `{ operation(id: "${id}") { failures { code count } all: results { ...Page } failed: results(failedOnly: true, last: 2) { ...Page } } }
    fragment Page on VideoResultConnection { totalCount pageInfo { hasPreviousPage } nodes { __typename videoId
      ... on VideoFailure { code retryable } ... on VideoRemoved { alreadyRemoved video { id removed assets { hls } } } } }`,
  );

  const failure = (videoId: string, code: string, retryable = false) => ({
    __typename: 'VideoFailure',
    videoId,
    code,
    retryable,
  });
  const failed = [
    failure(gone, 'NOT_FOUND'),
    failure('-', 'INVALID_ID'),
    // As of any call, after a 409.
    failure(rejected, 'UPSTREAM_REJECTED', true),
  ];
  const ofRemoved = {
    __typename: 'VideoRemoved',
    videoId: removed,
    alreadyRemoved: false,
    video: { id: removed, removed: true, assets: null },
  };
  expect(operation).toEqual({
    failures: expect.arrayContaining([
      { code: 'NOT_FOUND', count: 1 },
      { code: 'INVALID_ID', count: 1 },
      { code: 'UPSTREAM_REJECTED', count: 1 },
    ]),
    all: {
      totalCount: 4,
      pageInfo: { hasPreviousPage: false },
      nodes: [failed[0], failed[1], ofRemoved, failed[2]],
    },
    failed: { totalCount: 3, pageInfo: { hasPreviousPage: true }, nodes: failed.slice(1) },
  });
});

test('the video of a result is as the operation left it, at no cost, and read anew for its other fields', async () => {
  const { videos, ids } = createVideos(1);
  await using started = await startTestGateway({ ...KEPT, videos });
  const { id } = await start(started, ids);
  await endOf(started, id);
  started.sandbox.clearRequests();
  const read = async (fields: string) =>
    (
      await ask(
        started,
        `{ operation(id: "${id}") { results { nodes { ... on VideoRemoved { video { ${fields} } } } } } }`,
      )
    ).operation;

  const recorded = await read('__typename id removed assets { hls } ... on Video { removedAt deletesAt }');
  const costs = started.calls().length;
  const anew = await read('id title removed');

  expect(recorded).toMatchObject({
    results: {
      nodes: [{ video: { removed: true, removedAt: expect.any(String), deletesAt: expect.any(String) } }],
    },
  });
  expect(costs).toBe(0);
  expect(anew).toEqual({ results: { nodes: [{ video: { id: ids[0], title: 'Video 0', removed: true } }] } });
  expect(started.calls().length).toBeGreaterThan(0);
});

test('what was destroyed counts as succeeded, and by itself', async () => {
  const { videos, ids } = createVideos(2);
  await using started = await startTestGateway({ ...KEPT, videos, videoRestore: false });

  const { id } = await start(started, ids, { ifPermanent: 'ALLOW' });

  expect(await endOf(started, id)).toMatchObject({
    ifPermanent: 'ALLOW',
    succeeded: 2,
    destroyed: 2,
    undoable: false,
  });
});

test('an unfinished operation shows what is pending, and how long it will still take', async () => {
  const { videos, ids } = createVideos(3);
  await using started = await startTestGateway({
    ...KEPT,
    videos,
    limits: { reads: 500, writes: 1 },
    env: { VIDEO_RESTORE: 'on' },
  });
  const { id } = await start(started, ids);
  await eventually(async () => expect(await findOperation(started, id)).toMatchObject({ succeeded: 1 }));

  const { operation } = await ask(
    started,
    `{ operation(id: "${id}") { etaSeconds results { nodes { __typename } } } }`,
  );

  const { etaSeconds, results } = z
    .object({
      etaSeconds: z.number(),
      results: z.object({ nodes: z.array(z.object({ __typename: z.string() })) }),
    })
    .parse(operation);
  expect(etaSeconds).toBeGreaterThan(0);
  expect(etaSeconds).toBeLessThanOrEqual(180);
  expect(results.nodes.map(({ __typename }) => __typename).toSorted()).toEqual([
    'VideoPending',
    'VideoPending',
    'VideoRemoved',
  ]);
  await cancelOperation(started, id);
  const { operation: cancelled } = await ask(started, `{ operation(id: "${id}") { etaSeconds } }`);
  expect(cancelled).toEqual({ etaSeconds: null });
});

test('pages of results in lists of operations end at 10,000 results a request', async () => {
  await using started = await startTestGateway(KEPT);
  const many = Array.from({ length: 250 }, (_, index) => `-${index}`);
  for (let count = 0; count < 2; count += 1) await restoreVideos(started, many);
  const aliases = (count: number) =>
    Array.from({ length: count }, (_, index) => `r${index}: results(first: 250) { totalCount }`).join(' ');

  const { errors } = await answer(started, `{ operations { nodes { ${aliases(21)} } } }`);
  await ask(started, `{ operations { nodes { ${aliases(20)} } } }`);

  expect(errors.map(({ extensions }) => extensions?.code)).toContain('BAD_USER_INPUT');
  expect((await deleteVideos(started, ['-'])).userErrors).toEqual([]);
});
