// Apollo's lists at random: pages read twice, polled totals, another client, and a cache cleared of what is not shown.
import { gql } from '@apollo/client';
import { expect, test } from 'vitest';
import { RemovedVideosDocument, VideosDocument } from '../../src/clients/index.ts';
import { startListClient } from '../support/apollo-list-client.ts';
import { createRandom } from '../support/random.ts';

test.each([1, 2, 34])(
  'lists stay true through pages read twice, polled totals, another client and gc, seed %i',
  async (seed) => {
    await using started = await startListClient(24);
    const { cache, client, sandbox, ids, elsewhere, remove, restore, load, loadRemoved, show, info } =
      started;
    const random = createRandom(seed);
    const draw = (count: number) => Math.floor(random() * count);
    const newest = { first: 5 };
    const oldest = { first: 4, orderBy: { field: 'CREATED_AT', direction: 'ASC' } };
    const trash = { first: 30, orderBy: { field: 'DELETES_AT', direction: 'DESC' } } as const;
    const cursors = new Map<object, string[]>([newest, oldest].map((list) => [list, []]));
    /** Lists whose total is older than what another client has done. */
    const outdated = new Set<object>();

    const readTrash = () =>
      Object(cache.readQuery({ query: RemovedVideosDocument, variables: trash })).removedVideos;
    const readTrashIds = (): string[] =>
      readTrash()?.edges.map(({ node }: { node: { id: string } }) => node.id) ?? [];
    const readPage = async (list: object, page: object) => {
      await load({ ...list, ...page });
      outdated.delete(list);
      const end = info(list)?.endCursor;
      if (end) cursors.get(list)?.push(end);
    };
    const pollTotalOf = async (list: object) => {
      const query = gql`query ($orderBy: VideoOrder) { videos(first: 1, orderBy: $orderBy) { totalCount } }`;
      await client.query({ query, variables: list });
      outdated.delete(list);
    };
    const findFaults = (): string[] => {
      const videos = sandbox.videos();
      const live = videos
        .filter(({ removedAt }) => removedAt === null)
        .map(({ videoId }) => ids.indexOf(videoId));
      const faults = [newest, oldest].flatMap((list) => {
        const shown = show(list);
        if (!shown) return [];
        const truth = live.toSorted((a, b) => (list === newest ? a - b : b - a));
        const total = cache.readQuery({ query: VideosDocument, variables: list })?.videos?.totalCount;
        const isTrue =
          `${shown}` === `${truth.slice(0, shown.length)}` &&
          (outdated.has(list) ||
            (total === live.length && (info(list)?.hasNextPage || shown.length === total)));
        return isTrue ? [] : [`${shown} of ${total}, not ${truth}`];
      });
      const removed = videos.filter(({ removedAt }) => removedAt !== null);
      const toKey = ({ deletesAt }: (typeof removed)[number]) => deletesAt?.slice(0, 19) ?? '';
      const order = removed.toSorted((a, b) =>
        toKey(a) === toKey(b) ? (a.videoId < b.videoId ? -1 : 1) : toKey(a) < toKey(b) ? 1 : -1,
      );
      const truth = order.map(({ videoId }) => videoId);
      const isTrue = !readTrash() || outdated.has(trash) || `${readTrashIds()}` === `${truth}`;
      return isTrue ? faults : [...faults, `trash ${readTrashIds()}, not ${truth}`];
    };

    let compared = 0;
    for (let step = 0; step < 30; step += 1) {
      const list = draw(2) === 0 ? newest : oldest;
      const shown = new Set([newest, oldest].flatMap((each) => show(each) ?? []));
      const chosen = started.pick(...[...shown].filter(() => draw(4) === 0));
      const undone = readTrashIds().filter(() => draw(3) === 0);
      const die = draw(12);
      const known = cursors.get(list) ?? [];
      if (die < 2 || !show(list)) await readPage(list, {});
      else if (die < 4) await readPage(list, { after: info(list)?.endCursor });
      else if (die === 4) await readPage(list, { after: known[draw(known.length)] });
      else if (die === 5) await pollTotalOf(list);
      else if (die === 6) await loadRemoved(trash).then(() => outdated.delete(trash));
      else if (die === 7) cache.gc();
      else if (die === 8) {
        const hidden = sandbox
          .videos()
          .filter((video) => video.removedAt === null && !shown.has(ids.indexOf(video.videoId)));
        await elsewhere.remove(hidden.slice(0, 1).map(({ videoId }) => videoId));
        if (hidden.length > 0) for (const each of [newest, oldest, trash]) outdated.add(each);
      } else if (die < 11) await remove(chosen);
      else await restore(undone);
      compared += show(list) ? 1 : 0;
      expect(findFaults(), `step ${step}, action ${die}`).toEqual([]);
    }
    expect(compared).toBeGreaterThan(20);
  },
);
