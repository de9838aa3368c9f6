import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConnectionOrder } from '../../src/connection/order-values.ts';
import { createVideo, createVideos, FakeList, type Upstream } from './fake-list.ts';
import { walk } from './walk.ts';

const NEWEST_FIRST = { sortBy: 'createdAt', sortOrder: 'desc' } as const;

/** Takes random items off the list and puts some of them back, but never one that is to stay. */
class Shifter {
  readonly staying: Set<string>;
  readonly #list: FakeList;
  readonly #random: () => number;
  readonly #away: Parameters<FakeList['insert']>[0][] = [];

  constructor(list: FakeList, staying: Iterable<string>, random: () => number) {
    this.#list = list;
    this.staying = new Set(staying);
    this.#random = random;
  }

  shift(removals: number, insertions: number): void {
    const back = this.#away.splice(0, insertions);
    const others = this.#list.sorted(NEWEST_FIRST).filter(({ id }) => !this.staying.has(id));
    for (let count = 0; count < removals && others.length > 0; count += 1) {
      const [video] = others.splice(Math.floor(this.#random() * others.length), 1);
      if (!video) continue;
      this.#list.remove(video.id);
      this.#away.push(video);
    }
    for (const video of back) this.#list.insert(video);
  }

  expectEachOnce(ids: readonly string[], order: readonly string[]): void {
    const shown = ids.filter((id) => this.staying.has(id));
    expect(shown).toEqual(order.filter((id) => this.staying.has(id)));
  }
}

const upstreams = fc.record<Upstream>({
  ties: fc.constantFrom('by id', 'by id, with the direction'),
  nulls: fc.constantFrom('first', 'last'),
});
const directions = fc.constantFrom('forward' as const, 'backward' as const);
const sizes = fc.constantFrom(1, 7, 25, 99, 100, 250);
/** A stream of numbers from 0 to 1, so that fast-check can repeat a failure. */
const randoms = fc.infiniteStream(fc.double({ min: 0, max: 0.999_999, noNaN: true }));

describe('a walk while other items are removed and restored between its pages', () => {
  it('shows those that stay exactly once, by instants of which no two are equal', async () => {
    await fc.assert(
      fc.asyncProperty(
        sizes,
        directions,
        upstreams,
        randoms,
        fc.nat(60),
        async (size, direction, upstream, stream, most) => {
          const list = new FakeList(createVideos(333), upstream);
          const random = () => stream.next().value;
          const order = list.ids(NEWEST_FIRST);
          const shifter = new Shifter(
            list,
            order.filter(() => random() < 0.4),
            random,
          );
          const { ids } = await walk(list, size, direction, {}, () =>
            shifter.shift(Math.floor(random() * most), Math.floor(random() * most)),
          );
          shifter.expectEachOnce(ids, order);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('does so while its pages are read, too', async () => {
    await fc.assert(
      fc.asyncProperty(
        sizes,
        directions,
        upstreams,
        randoms,
        fc.nat(4),
        async (size, direction, upstream, stream, most) => {
          const list = new FakeList(createVideos(333), upstream);
          const random = () => stream.next().value;
          const order = list.ids(NEWEST_FIRST);
          const shifter = new Shifter(
            list,
            order.filter(() => random() < 0.5),
            random,
          );
          list.afterRead = () => shifter.shift(Math.floor(random() * most), Math.floor(random() * most));
          const { ids } = await walk(list, size, direction);
          shifter.expectEachOnce(ids, order);
        },
      ),
      { numRuns: 40 },
    );
  });

  it.each<[string, ConnectionOrder]>([
    ['titles', { field: 'TITLE', direction: 'ASC' }],
    ['equal instants', { field: 'UPDATED_AT', direction: 'DESC' }],
    ['missing instants', { field: 'PUBLISHED_AT', direction: 'ASC' }],
  ])('does so by %s, as long as one of four neighbours stays', async (_name, order) => {
    await fc.assert(
      fc.asyncProperty(sizes, directions, upstreams, randoms, async (size, direction, upstream, stream) => {
        const videos = createVideos(333).map(({ id }, index) =>
          createVideo(id, index, {
            title: index % 5 ? `${index % 2 ? 'B' : 'b'} ${index % 40}` : null,
            updatedAt: '2026-01-01T00:00:00+00:00',
            publishedAt: index % 3 ? null : '2026-01-01T00:00:00+00:00',
          }),
        );
        const list = new FakeList(videos, upstream);
        const random = () => stream.next().value;
        const sortBy =
          order.field === 'TITLE' ? 'title' : order.field === 'UPDATED_AT' ? 'updatedAt' : 'publishedAt';
        const ids = list.ids({ sortBy, sortOrder: order.direction === 'ASC' ? 'asc' : 'desc' });
        const offset = Math.floor(random() * 3);
        const stay = Math.max(2, Math.min(4, size + 1));
        const shifter = new Shifter(
          list,
          ids.filter((_id, index) => index % stay === offset % stay),
          random,
        );
        const shown = await walk(list, size, direction, { order }, () =>
          shifter.shift(Math.floor(random() * 20), Math.floor(random() * 20)),
        );
        shifter.expectEachOnce(shown.ids, ids);
      }),
      { numRuns: 30 },
    );
  });
});
