// Lists that are polled while a durable operation writes: what they cost, how old they are, and what nobody may see.
import { describe, expect, test } from 'vitest';
import { deleteBatch } from '../../src/removal/delete-batch.ts';
import { restoreBatch } from '../../src/removal/restore-batch.ts';
import { createRemovedVideos, createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { toLists } from '../support/list-calls.ts';
import { isOf } from '../support/plan-faults.ts';
import { startProject } from '../support/start-project.ts';

type Started = Awaited<ReturnType<typeof startProject>>;

const BULK = { ifPermanent: 'refuse', isBulk: true } as const;
const INTERACTIVE = { ifPermanent: 'refuse' } as const;
const POLL_MS = 50;
const FIRST_PAGE = { currentPage: 1, pageSize: 100 };

const show = async ({ project, call }: Started, place: 'live' | 'removed' = 'live') =>
  (await project.videos.list(place, FIRST_PAGE, 'read', call)).videos.map(({ id }) => id);

/** The reads of that page: those of a search are ordered. */
const toReads = ({ sandbox }: Started) =>
  toLists(sandbox.requests).filter(({ query }) => query.get('pageSize') === '100' && !query.has('sortBy'));

/** Polls the list of live videos until `isOver`. @returns what each poll showed, and when it was asked. */
async function pollUntil(started: Started, isOver: () => boolean) {
  const polls: { readonly at: number; readonly ids: readonly string[] }[] = [];
  while (!isOver()) {
    const at = performance.now();
    polls.push({ at, ids: await show(started) });
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return polls;
}

describe('a list that is polled beside bulk writes', () => {
  test('costs one read in READ_CACHE_SECONDS, and shows each write soon after that', async () => {
    const readCacheMs = 700;
    const lagMs = 200;
    const { videos, ids } = createVideos(150);
    await using started = await startProject({ videos, readCacheMs, lagMs, latencyMs: 60, limits: null });
    const { sandbox, project, call } = started;
    const left = 20;
    let isDone = false;
    let isShown = false;
    const bulk = deleteBatch(project, ids.slice(left), { ...call, ...BULK }).finally(() => {
      isDone = true;
    });

    const polls = await pollUntil(started, () => {
      isShown ||=
        isDone &&
        sandbox.requests.every(
          ({ actedAt = 0, kind }) => kind !== 'write' || performance.now() > actedAt + readCacheMs + lagMs,
        );
      return isShown;
    });

    expect([...(await bulk).values()].map(({ kind }) => kind)).toEqual(ids.slice(left).map(() => 'removed'));
    const [first, last] = [polls.at(0), polls.at(-1)];
    const reads = toReads(started);
    expect(polls.length).toBeGreaterThan(2 * reads.length);
    expect(reads.length).toBeLessThanOrEqual(1 + ((last?.at ?? 0) - (first?.at ?? 0)) / readCacheMs);
    const removedAt = new Map(
      sandbox.requests
        .filter(({ kind }) => kind === 'write')
        .map(({ videoId, actedAt }) => [videoId, actedAt ?? 0]),
    );
    const late = polls.flatMap(({ at, ids: shown }) =>
      shown.filter((id) => at > (removedAt.get(id) ?? at) + readCacheMs + lagMs),
    );
    expect(late).toEqual([]);
    expect((await show(started)).toSorted()).toEqual(ids.slice(0, left).toSorted());
  });

  test('is read each time if READ_CACHE_SECONDS is 0', async () => {
    const { videos, ids } = createVideos(30);
    await using started = await startProject({ videos, latencyMs: 40, limits: null });
    const { project, call } = started;
    let isDone = false;
    const bulk = deleteBatch(project, ids, { ...call, ...BULK }).finally(() => {
      isDone = true;
    });

    const polls = await pollUntil(started, () => isDone);

    await bulk;
    const reads = toReads(started);
    expect(reads).toHaveLength(polls.length);
  });
});

describe('beside bulk writes, a list that is asked for after an interactive call', () => {
  const readCacheMs = 60_000;

  test('shows what the call has removed', async () => {
    const { videos, ids } = createVideos(60);
    const [own = '', ...others] = ids;
    await using started = await startProject({ videos, readCacheMs, latencyMs: 30, limits: null });
    const { project, call } = started;
    expect(await show(started)).toContain(own);
    const bulk = deleteBatch(project, others, { ...call, ...BULK });
    await eventually(() => expect(started.writes()).toBeGreaterThan(5));
    expect(await show(started)).toHaveLength(60);

    await deleteBatch(project, [own], { ...call, ...INTERACTIVE });

    expect(started.writes()).toBeLessThan(60);
    expect(await show(started)).not.toContain(own);
    expect(await show(started, 'removed')).toContain(own);
    await bulk;
  });

  test('shows as removed what the call has found removed by a bulk write', async () => {
    const { videos, ids } = createVideos(3);
    await using started = await startProject({ videos, readCacheMs });
    const { project, call } = started;
    expect(await show(started)).toHaveLength(3);
    await deleteBatch(project, ids, { ...call, ...BULK });
    expect(await show(started)).toHaveLength(3);

    const outcomes = await deleteBatch(project, ids.slice(0, 1), { ...call, ...INTERACTIVE });

    expect([...outcomes.values()]).toMatchObject([{ kind: 'removed', alreadyRemoved: true }]);
    expect(started.writes()).toBe(3);
    expect(await show(started)).toEqual([]);
  });

  test('shows as live what the call has found restored by a bulk write', async () => {
    const { videos, ids } = createRemovedVideos(3);
    await using started = await startProject({ videos, readCacheMs });
    const { project, call } = started;
    expect(await show(started)).toEqual([]);
    await restoreBatch(project, ids, { ...call, isBulk: true });
    expect(await show(started)).toEqual([]);

    // With the hook, it looks first.
    const outcomes = await restoreBatch(project, ids.slice(0, 1), { ...call, mayRestore: () => undefined });

    expect([...outcomes.values()]).toMatchObject([{ kind: 'restored', alreadyLive: true }]);
    expect(started.writes()).toBe(3);
    expect(await show(started)).toHaveLength(3);
  });

  test('shows what it has done if its answer was lost', async () => {
    const { videos, ids } = createVideos(3);
    await using started = await startProject({ videos, readCacheMs });
    const { sandbox, project, call } = started;
    sandbox.setFault((request) => (isOf(request, ids, 'DELETE') ? { kind: 'reset', acts: true } : undefined));
    expect(await show(started)).toHaveLength(3);

    await deleteBatch(project, ids, { ...call, ...INTERACTIVE });

    expect(await show(started)).toEqual([]);
  });
});
