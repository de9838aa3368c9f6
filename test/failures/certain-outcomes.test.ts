// What an outcome makes certain of its video stands in the answer, whatever way led to it: a removed video has both dates and
// no assets; a live one has neither date, and else what api.video says.
import { describe, expect, test } from 'vitest';
import type { Fault } from '../../src/sandbox/server.ts';
import { DeleteVideosDocument, RestoreVideosDocument } from '../generated/test-documents.ts';
import { createRemovedVideos, createVideos } from '../support/create-videos.ts';
import { DIALECTS, inTurn } from '../support/plan-faults.ts';
import { startTestGateway, type TestGateway, type TestGatewayOptions } from '../support/test-gateway.ts';

const DATE: unknown = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/);
const REMOVED = { __typename: 'Video', removed: true, removedAt: DATE, deletesAt: DATE, assets: null };
const LIVE = {
  __typename: 'Video',
  title: expect.stringMatching(/./),
  removed: false,
  removedAt: null,
  deletesAt: null,
  assets: {
    __typename: 'VideoAssets',
    player: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/vod\/[0-9A-Za-z]+$/),
  },
};

/** One way that leads to an outcome. */
type Way = {
  readonly name: string;
  readonly options?: TestGatewayOptions;
  readonly fault?: Fault;
  /** Whether the video is as the call asks from the start. */
  readonly isDone?: true;
  readonly before?: (started: TestGateway, ids: readonly string[]) => Promise<unknown>;
};

const LAG = { lagMs: 300, upstreamLagMs: 600 };
const remove = ({ execute }: TestGateway, ids: readonly string[]) => execute(DeleteVideosDocument, { ids });
const restore = ({ execute }: TestGateway, ids: readonly string[]) => execute(RestoreVideosDocument, { ids });

const BOTH: readonly Way[] = [
  { name: 'at once' },
  { name: 'with reads that lag', options: LAG },
  { name: 'done already', isDone: true },
  { name: 'done already, with reads that lag', options: LAG, isDone: true },
  { name: 'by an act whose answer is lost', fault: { kind: 'reset', acts: true } },
  {
    name: 'by an act whose answer is lost, with reads that lag',
    options: LAG,
    fault: { kind: 'reset', acts: true },
  },
  { name: 'by an act that is answered by a proxy', fault: { kind: 'answer', acts: true, status: 502 } },
  { name: 'by an act whose body is cut', fault: { kind: 'truncate' } },
  { name: 'by the repeat of one that had no effect', fault: { kind: 'reset', acts: false } },
];

const REMOVALS: readonly Way[] = [
  ...BOTH,
  { name: 'where a second DELETE destroys', options: { secondDelete: 'destroys' } },
  {
    name: 'done already, where a second DELETE destroys',
    options: { secondDelete: 'destroys' },
    isDone: true,
  },
  {
    name: 'done already, where a second DELETE is answered 204',
    options: { secondDelete: 'no-content' },
    isDone: true,
  },
  { name: 'where nothing is probed', options: { env: { VIDEO_RESTORE: 'on' } } },
  { name: 'where a permanent deletion is allowed', options: { env: { PERMANENT_DELETION: 'allow' } } },
  { name: 'done by this gateway a moment ago', options: LAG, before: remove },
  {
    name: 'right after a restore',
    options: LAG,
    before: async (started, ids) => {
      await remove(started, ids);
      await restore(started, ids);
    },
  },
];

const RESTORES: readonly Way[] = [
  ...BOTH,
  { name: 'by an act whose answer shows the state before', options: { restoreAnswer: 'stale' } },
  { name: 'the same, with reads that lag', options: { ...LAG, restoreAnswer: 'stale' } },
  { name: 'done by this gateway a moment ago', options: LAG, before: restore },
  {
    name: 'right after a deletion',
    options: LAG,
    before: async (started, ids) => {
      await restore(started, ids);
      await remove(started, ids);
    },
  },
];

async function follow(way: Way, dialect: (typeof DIALECTS)[number], goal: 'live' | 'removed') {
  const { videos, ids } = (
    (goal === 'removed') === (way.isDone === true) ? createRemovedVideos : createVideos
  )(2);
  const started = await startTestGateway({ dialect, videos, ...way.options });
  await way.before?.(started, ids);
  const method = goal === 'removed' ? 'DELETE' : 'PATCH';
  if (way.fault) started.sandbox.setFault(inTurn(ids, method, [way.fault]));
  return { ...started, ids };
}

describe.each(DIALECTS)('in the %s dialect', (dialect) => {
  test.each(REMOVALS)('a removed video, $name', async (way) => {
    await using started = await follow(way, dialect, 'removed');
    const { ids } = started;

    const { deleteVideos } = await remove(started, ids);

    expect(deleteVideos?.results).toMatchObject(
      ids.map((id) => ({ __typename: 'VideoRemoved', video: { ...REMOVED, id } })),
    );
  });

  test.each(RESTORES)('a restored video, $name', async (way) => {
    await using started = await follow(way, dialect, 'live');
    const { ids } = started;

    const { restoreVideos } = await restore(started, ids);

    expect(restoreVideos?.results).toMatchObject(
      ids.map((id) => ({ __typename: 'VideoRestored', video: { ...LIVE, id } })),
    );
  });
});
