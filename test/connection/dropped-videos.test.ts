import { describe, expect, it } from 'vitest';
import { createVideos, FakeList } from './fake-list.ts';
import { read } from './walk.ts';

const NEWEST_FIRST = { sortBy: 'createdAt', sortOrder: 'desc' } as const;

describe('pages from which videos were dropped that contradict their list', () => {
  it('do not end a walk early, nor keep it going', async () => {
    for (const dropped of [(index: number) => index % 3 === 0, (index: number) => index > 150, () => true]) {
      const list = new FakeList(createVideos(333));
      const order = list.ids(NEWEST_FIRST);
      const gone = new Set(order.filter((_id, index) => dropped(index)));
      const page: typeof list.page = async (query) => {
        const whole = await list.page(query);
        return { ...whole, videos: whole.videos.filter(({ id }) => !gone.has(id)) };
      };
      for (const size of [60, 100, 250]) {
        const { nodes } = await read(list, { first: size }, { pages: { page, roomFor: list.roomFor } });
        expect(nodes.map(({ id }) => id)).toEqual(order.filter((id) => !gone.has(id)).slice(0, nodes.length));
      }
      expect(list.queries.length).toBeLessThan(40);
    }
  });
});
