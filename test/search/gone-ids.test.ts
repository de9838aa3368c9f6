import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { DeleteVideosDocument, NodesDocument, RestoreVideosDocument } from '../generated/test-documents.ts';
import { createRemovedVideos, createVideos } from '../support/create-videos.ts';
import { DIALECTS } from '../support/plan-faults.ts';
import { startTestGateway, type TestGatewayOptions } from '../support/test-gateway.ts';

const LAG_MS = 300;
/** api.video's own. */
const LIMITS = { reads: 500, writes: 200 };

const toGone = (count: number) => Array.from({ length: count }, (_, index) => `viGone${index}`);

type Result = { readonly __typename: string; readonly code?: string };

function count(results: readonly Result[] | undefined): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { __typename, code } of results ?? []) {
    const name = code ?? __typename;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** So many of them, spread over the list. */
function pick(ids: readonly string[], most: number): string[] {
  const step = Math.floor(ids.length / most);
  return Array.from({ length: most }, (_, index) => ids[index * step] ?? '');
}

describe.each(DIALECTS)('many ids that are gone, in the %s dialect', (dialect) => {
  const start = (options: TestGatewayOptions) =>
    startTestGateway({ dialect, limits: LIMITS, upstreamLagMs: LAG_MS, ...options });

  test.each(['on', 'probe'])(
    'hold up nothing: 100 live ones are deleted, and 900 named, in one minute (%s)',
    async (setting) => {
      const live = createVideos(1_000);
      const removed = createRemovedVideos(300);
      const videos = [...live.videos, ...removed.videos];
      await using started = await start({ videos, env: { VIDEO_RESTORE: setting } });
      const { sandbox, execute } = started;
      const ids = [...toGone(900), ...pick(live.ids, 100)];
      const options = { waitSeconds: 50 };

      const first = await execute(DeleteVideosDocument, { ids, options });
      const writes = sandbox.requests.filter(({ kind }) => kind === 'write').length;
      sandbox.clearRequests();
      const again = await execute(DeleteVideosDocument, { ids, options });

      expect(count(first.deleteVideos?.results)).toEqual({ VideoRemoved: 100, NOT_FOUND: 900 });
      expect(count(again.deleteVideos?.results)).toEqual({ VideoRemoved: 100, NOT_FOUND: 900 });
      // With the probe, deletions find out that the first few are gone, and then lists do.
      expect(writes).toBeLessThanOrEqual(setting === 'on' ? 100 : 140);
      // Nothing is proved again. The 100 may be looked up.
      expect(sandbox.requests.length).toBeLessThanOrEqual(130);
      expect(sandbox.requests.filter(({ status }) => status === 429)).toEqual([]);
    },
  );

  test('hold up no restore: 10 removed ones among 90 that are gone are restored in one call', async () => {
    const { videos, ids } = createRemovedVideos(200);
    await using started = await start({ videos });
    const { sandbox, execute } = started;
    const asked = [...toGone(90), ...pick(ids, 10)];

    const { restoreVideos } = await execute(RestoreVideosDocument, { ids: asked });

    expect(count(restoreVideos?.results)).toEqual({ VideoRestored: 10, NOT_FOUND: 90 });
    // The first few tell; then the list does.
    expect(sandbox.requests.filter(({ method }) => method === 'PATCH').length).toBeLessThanOrEqual(40);
  });

  test('are null in nodes, and need no read once they have been looked for', async () => {
    const { videos, ids } = createVideos(200);
    await using started = await start({ videos });
    const { sandbox, execute } = started;
    const asked = [...toGone(100), ...ids.slice(0, 1)];

    const { nodes } = await execute(NodesDocument, { ids: asked });
    const reads = sandbox.requests.length;
    sandbox.clearRequests();
    const again = await execute(NodesDocument, { ids: toGone(100) });

    expect(nodes?.map((node) => node?.id)).toEqual([...toGone(100).map(() => undefined), ids[0]]);
    // Two pages of live videos and one of removed ones, twice; the rest are the token and the dialect.
    expect(reads).toBeLessThanOrEqual(10);
    expect(again.nodes).toEqual(toGone(100).map(() => null));
    expect(sandbox.requests).toEqual([]);
  });

  test('are named by calls that each get further, where the limit has no room for all of it', async () => {
    const live = createVideos(2_000);
    const removed = createRemovedVideos(2_000);
    const videos = [...live.videos, ...removed.videos];
    const windowMs = 6_000;
    // Four lists of 20 pages each take two windows.
    await using started = await start({
      videos,
      limits: { reads: 45, writes: 200 },
      windowMs,
      env: { VIDEO_RESTORE: 'on' },
    });
    const { sandbox, execute } = started;
    const ids = [...toGone(200), ...live.ids.slice(0, 3)];
    const told: Record<string, number>[] = [];
    const isDone = () => told.at(-1)?.NOT_FOUND === 200 && told.at(-1)?.VideoRemoved === 3;
    for (let call = 1; call <= 8 && !isDone(); call += 1) {
      const { deleteVideos } = await execute(DeleteVideosDocument, { ids, options: { waitSeconds: 10 } });
      told.push(count(deleteVideos?.results));
      const waits = deleteVideos?.results.map(
        (result) => ('code' in result ? result.retryAfterSeconds : null) ?? 0,
      );
      await setTimeout(1000 * Math.max(...(waits ?? [])));
    }

    expect(told.at(-1)).toEqual({ VideoRemoved: 3, NOT_FOUND: 200 });
    // Nothing is named before all that are live are deleted.
    expect(
      told.filter(({ NOT_FOUND, VideoRemoved }) => NOT_FOUND !== undefined && VideoRemoved !== 3),
    ).toEqual([]);
    const pages = sandbox.requests.filter(({ query }) => query.get('pageSize') === '100');
    // No list is begun a third time.
    expect(pages.length).toBeLessThanOrEqual(100);
  });
});
