// What api.video's lists are, by the sandbox's own state, to compare a client's cached lists with.
import { expect } from 'vitest';
import { createVideo, type Sandbox } from '../../src/sandbox/server.ts';
import { startListeningGateway } from './listening-gateway.ts';
import { createRandom } from './random.ts';
import type { TestGatewayOptions } from './test-gateway.ts';

export type ListName = 'videos' | 'removedVideos';

/** A client with a cache, as the tests use it. */
export type ListClient = {
  readonly ids: readonly string[];
  /** The list as it is cached, if it is. */
  show(name: ListName, variables: object): ShownList | undefined;
  load(name: ListName, variables: object): Promise<unknown>;
  /** Reads the next page into the cache; false if there is none. */
  loadMore(name: ListName, variables: object): Promise<boolean>;
  remove(ids: readonly string[]): Promise<unknown>;
  restore(ids: readonly string[]): Promise<unknown>;
  truth(name: ListName, conditions?: object): Truth;
};

/** A gateway in front of videos that differ in their time of creation. */
export async function startOrderedGateway(count: number, options: TestGatewayOptions = {}) {
  const { videos, ids } = createOrderedVideos(count);
  const gateway = await startListeningGateway({
    videos,
    limits: null,
    // A refusal would make the gateway ask its own probe video, which would then be in the lists.
    env: { VIDEO_RESTORE: 'on', PERMANENT_DELETION: 'allow' },
    upstreamLagMs: 30,
    ...options,
  });
  const truth: ListClient['truth'] = (name, conditions) => readTruth(gateway.sandbox, name, conditions);
  return { ...gateway, ids, truth };
}

/** Live videos, the newest first, a minute apart. */
function createOrderedVideos(count: number) {
  const start = Date.now() - 86_400_000;
  const videos = Array.from({ length: count }, (_, index) =>
    createVideo({ title: `Video ${index}`, createdAt: new Date(start - index * 60_000).toISOString() }),
  );
  return { videos, ids: videos.map(({ videoId }) => videoId) };
}

type Truth = { readonly ids: readonly string[]; readonly total: number };

function readTruth(sandbox: Sandbox, name: ListName, { title = '', isAscending = false } = {}): Truth {
  const ids = sandbox
    .videos()
    .filter((video) => (video.removedAt === null) === (name === 'videos') && video.title.includes(title))
    .toSorted((a, b) => (isAscending ? 1 : -1) * (a.createdAt < b.createdAt ? -1 : 1))
    .map(({ videoId }) => videoId);
  return { ids, total: ids.length };
}

export type ShownList = {
  readonly ids: readonly string[];
  readonly total: number | undefined;
  readonly hasNext: boolean;
  readonly endCursor?: string | null;
};

/** What is wrong with a cached list, or nothing: its rows are where the true list begins, and its total is true. */
export function findFault(shown: ShownList, truth: Truth): string | undefined {
  const loaded = truth.ids.slice(0, shown.ids.length);
  if (shown.ids.some((id, index) => id !== loaded[index])) return `rows ${shown.ids} instead of ${loaded}`;
  if (shown.total !== truth.total) return `total ${shown.total} instead of ${truth.total}`;
  if (!shown.hasNext && shown.ids.length < truth.total) return `an end after ${shown.ids.length} rows`;
  return undefined;
}

const LISTS = (['videos', 'removedVideos'] as const).flatMap((name) => [
  { name, variables: { first: 7 }, conditions: {} },
  {
    name,
    variables: { first: 5, orderBy: { field: 'CREATED_AT', direction: 'ASC' } },
    conditions: { isAscending: true },
  },
  { name, variables: { first: 4, filter: { title: 'Video 1' } }, conditions: { title: 'Video 1' } },
]);

/** Reads lists, deletes and restores at random, and compares each list that is cached after each step. */
export async function walkLists(client: ListClient, seed: number): Promise<void> {
  const { ids, show, load, loadMore, remove, restore, truth } = client;
  const random = createRandom(seed);
  /** Some of the rows that are shown, and now and then one that is not. */
  const pick = (name: ListName) => {
    const rows = LISTS.flatMap((list) => (list.name === name ? (show(name, list.variables)?.ids ?? []) : []));
    return [...new Set(rows.filter(() => random() < 0.3)), ...ids.filter(() => random() < 0.01)];
  };
  let compared = 0;
  for (let step = 0; step < 25; step += 1) {
    const list = LISTS[Math.floor(random() * LISTS.length)];
    if (!list) break;
    const { name, variables } = list;
    const die = random();
    if (die < 0.2 || (die < 0.45 && !show(name, variables))) await load(name, variables);
    else if (die < 0.45) await loadMore(name, variables);
    else if (die < 0.75) await remove(pick('videos'));
    else await restore(pick('removedVideos'));
    for (const each of LISTS) {
      const shown = show(each.name, each.variables);
      if (!shown) continue;
      compared += 1;
      const fault = findFault(shown, truth(each.name, each.conditions));
      expect(fault, `step ${step}, ${each.name} ${JSON.stringify(each.variables)}`).toBeUndefined();
    }
  }
  expect(compared).toBeGreaterThan(25);
  for (const { name, variables, conditions } of LISTS) {
    if (!show(name, variables)) await load(name, variables);
    while (await loadMore(name, variables));
    expect(show(name, variables)).toMatchObject({ ...truth(name, conditions), hasNext: false });
  }
}

/** Fifty of 75 videos are deleted and ten of them undone; each time, the lists and totals are those of upstream. */
export async function deleteFiftyAndUndoTen(
  started: ListClient & { readonly sandbox: Pick<Sandbox, 'state'> },
): Promise<void> {
  const { ids, show, load, loadMore, remove, restore, truth, sandbox } = started;
  await load('videos', { first: 25 });
  await loadMore('videos', { first: 25 });
  await load('removedVideos', { first: 25 });

  await remove(ids.slice(0, 50));
  expect(sandbox.state(ids[49] ?? '')).toBe('removed');
  expect(show('videos', { first: 25 })).toMatchObject({ ids: [], total: 25, hasNext: true });
  expect(show('removedVideos', { first: 25 })).toMatchObject(truth('removedVideos'));

  await restore(ids.slice(40, 50));
  expect(show('videos', { first: 25 })).toMatchObject({ ids: ids.slice(40, 50), total: 35 });
  expect(show('removedVideos', { first: 25 })).toMatchObject(truth('removedVideos'));

  await loadMore('videos', { first: 25 });
  expect(show('videos', { first: 25 })).toMatchObject({ ...truth('videos'), hasNext: false });
}
