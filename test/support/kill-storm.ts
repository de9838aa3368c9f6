// An operation whose gateways are killed again and again at random moments, in front of an api.video whose log is the truth.
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'vitest';
import {
  createPlainVideos,
  readOperation,
  readResults,
  startDurableGateway,
  startInBackground,
} from './durable-gateway.ts';
import { eventually } from './eventually.ts';
import type { GatewayProcess } from './gateway-process.ts';
import { startPlainUpstream } from './plain-upstream.ts';

const CONCURRENCY = 5;
/** What an item takes at most, with its looks, on a busy machine. */
const MS_PER_ITEM = 150;

/**
 * @param storm - `gateways`: how many share the store. `withinMs`: how long after a kill the next item must be sent; with one
 *   gateway, after the next start.
 */
export async function stormOfKills(
  store: Record<string, string>,
  {
    items,
    kills,
    gateways,
    withinMs,
  }: {
    readonly items: number;
    readonly kills: number;
    readonly gateways: number;
    readonly withinMs: number;
  },
) {
  const { videos, ids } = createPlainVideos(items);
  await using upstream = await startPlainUpstream({
    videos,
    // So that kills meet writes before and after their effect.
    pause: async () => {
      await wait(Math.random() * 60);
    },
  });
  const deletes = () =>
    upstream.requests.filter(({ method, path }) => method === 'DELETE' && path.includes('viDurable'));
  const start = () =>
    startDurableGateway(upstream.url, {
      ...store,
      VIDEO_RESTORE: 'on',
      UPSTREAM_CONCURRENCY: `${CONCURRENCY}`,
    });
  await using stack = new AsyncDisposableStack();
  const running: GatewayProcess[] = Array.from({ length: gateways }, () => stack.use(start()));
  const first = await Promise.all(running.map(({ url }) => url));
  const id = await startInBackground(first[0] ?? '', 'deleteVideos', ids);
  const takeovers: number[] = [];
  for (let kill = 0; kill < kills; kill += 1) {
    const before = deletes().length;
    await eventually(() => expect(deletes().length).toBeGreaterThan(before));
    await wait(Math.random() * 500);
    const victim = running.shift();
    victim?.child.kill('SIGKILL');
    await victim?.ended;
    let from = performance.now();
    const next = stack.use(start());
    running.push(next);
    if (gateways === 1) {
      await next.url;
      from = performance.now();
    }
    const resumed = await eventually(() => {
      const after = deletes().find(({ at }) => at > from);
      if (!after && deletes().length < ids.length) throw new Error('nothing is sent');
      return after;
    });
    if (resumed) takeovers.push(resumed.at - from);
    await next.url;
  }
  const url = (await running[0]?.url) ?? '';
  await eventually(
    async () => expect((await readOperation(url, id)).status).toBe('COMPLETED'),
    20_000 + items * MS_PER_ITEM,
  );

  const operation = await readOperation(url, id);
  const results = await readResults(url, id);
  expect(results.map(({ videoId }) => videoId)).toEqual(ids);
  expect(results.filter(({ alreadyRemoved }) => alreadyRemoved !== false)).toEqual([]);
  expect(operation).toMatchObject({ succeeded: ids.length, failed: 0, pending: 0 });
  expect(new Set(deletes().map(({ path }) => path)).size).toBe(ids.length);
  expect(deletes().length).toBeLessThanOrEqual(ids.length + kills * CONCURRENCY);
  expect(takeovers.length).toBeGreaterThan(0);
  expect(Math.max(...takeovers)).toBeLessThan(withinMs);
  return { deletes: deletes().length, takeovers };
}
