// A document that comes again is not parsed and validated again. The answer must not show that, not for faults and wrong input either.
import { expect, test } from 'vitest';
import { createVideo } from '../../src/sandbox/server.ts';
import { createRemovedVideos } from '../support/create-videos.ts';
import { startTestGateway } from '../support/test-gateway.ts';

/** The first is parsed, the others come from the cache. */
const RUNS = 3;

const FIELDS =
  'id title createdAt updatedAt tags metadata { key value } assets { player thumbnail } removed deletesAt';

const OPERATIONS: Record<string, { query: string; variables?: unknown; operationName?: string }> = {
  'a page with everything': {
    query: `{ videos(first: 2) { totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      edges { cursor node { ${FIELDS} } } nodes { __typename id } } }`,
  },
  'aliases, fragments and directives': {
    query: `query ($yes: Boolean!, $no: Boolean = false) {
      a: videos(last: 1) { ...Page } b: removedVideos(first: 1) { ...Page @skip(if: $no) nodes { id } @include(if: $yes) }
      c: videoRestore { status } @skip(if: $yes)
    }
    fragment Page on VideoConnection { __typename totalCount edges { node { ... on Video { t: title } ...Named } } }
    fragment Named on Node { id }`,
    variables: { yes: true },
  },
  'a fragment that is skipped here and not there': {
    query:
      'query ($x: Boolean!) { videos(first: 1) { nodes { ...V @skip(if: $x) ...V } } } fragment V on Video { title }',
    variables: { x: true },
  },
  'a condition that is null': {
    query: 'query ($x: Boolean = true) { videos(first: 1) { nodes { id title @include(if: $x) } } }',
    variables: { x: null },
  },
  'an alias that objects have already': {
    query: '{ videos(first: 1) { nodes { __proto__: title constructor: id } } }',
  },
  'nodes, and one that is nowhere': {
    query:
      'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Video { title removed } } node(id: "../x") { id } }',
    variables: { ids: ['viOne', 'viGone', 'viAbsent'] },
  },
  'one of two operations': {
    query: 'query A { videoRestore { status } } query B { video(id: "viOne") { id } }',
    operationName: 'B',
  },
  'an operation that is not there': { query: 'query A { videoRestore { status } }', operationName: 'C' },
  'no operation where there are two': { query: 'query A { videoRestore { status } } query B { __typename }' },
  introspection: {
    query: '{ __schema { queryType { name fields { name } } } __type(name: "Video") { kind } }',
  },
  'an argument outside its limits': {
    query: '{ bad: videos(first: 251) { totalCount } good: videos(first: 1) { totalCount } }',
  },
  'a cursor that is none': { query: '{ videos(first: 1, after: "x") { nodes { id } } }' },
  'a video that upstream cannot read': {
    query: '{ bad: video(id: "viBroken") { id title } good: video(id: "viOne") { id title } }',
  },
  'a fault in the midst of a list': {
    query: '{ nodes(ids: ["viOne", "viBroken", "viGone"]) { id } }',
  },
  'a fault in the midst of a list, in a fragment': {
    query:
      '{ ...Some } fragment Some on Query { ... { all: nodes(ids: ["viOne", "viBroken", "viGone"]) { id } } }',
  },
  'a variable of the wrong type': {
    query: 'query ($first: Int) { videos(first: $first) { totalCount } }',
    variables: { first: 'three' },
  },
  'a variable that is missing': {
    query: 'query ($id: ID!) { video(id: $id) { id } }',
    variables: {},
  },
  'a variable that is null where none may be': {
    query: 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }',
    variables: { ids: ['viOne', null] },
  },
  'an input object with a field too many': {
    query: 'query ($filter: VideoFilter) { videos(filter: $filter) { totalCount } }',
    variables: { filter: { colour: 'red' } },
  },
  'an enum value that is none': {
    query: 'query ($by: VideoOrder) { videos(orderBy: $by) { totalCount } }',
    variables: { by: { field: 'SIZE' } },
  },
  'an input object with its defaults': {
    query: 'query ($by: VideoOrder) { videos(orderBy: $by) { nodes { title } } }',
    variables: { by: { field: 'TITLE' } },
  },
};

async function startWithVideos() {
  const live = ['viOne', 'viTwo', 'viBroken'].map((videoId) => createVideo({ videoId, title: videoId }));
  const removed = createRemovedVideos(1).videos.map((video) => ({ ...video, videoId: 'viGone' }));
  const started = await startTestGateway({
    videos: [...live, ...removed],
    env: { READ_CACHE_SECONDS: '0', APIVIDEO_DIALECT: 'removed' },
    dialect: 'removed',
  });
  started.sandbox.setFault(({ videoId }) =>
    videoId === 'viBroken' ? { kind: 'answer', acts: false, status: 418 } : undefined,
  );
  return started;
}

test.each(Object.entries(OPERATIONS))('%s is answered alike each time', async (_name, operation) => {
  await using started = await startWithVideos();
  const { post } = started;
  const first = await post(operation);
  for (let run = 1; run < RUNS; run += 1) expect(await post(operation)).toEqual(first);
});
