import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConnectionArgumentError } from '../../src/connection/connection-argument-error.ts';
import type { ConnectionOptions } from '../../src/connection/read-connection.ts';
import { createVideos, FakeList } from './fake-list.ts';
import { BY_CREATION, read } from './walk.ts';

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

async function readEndCursor(options: Partial<ConnectionOptions> = {}): Promise<string> {
  const { pageInfo } = await read(new FakeList(createVideos(9)), { first: 4 }, options);
  return pageInfo.endCursor ?? '';
}

async function expectRefusal(
  after: string,
  options: Partial<ConnectionOptions> = {},
  message = /^Expected after /,
) {
  const list = new FakeList(createVideos(9));
  const refusal = await read(list, { after }, options).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(ConnectionArgumentError);
  expect(refusal).toMatchObject({ argument: 'after', message: expect.stringMatching(message) });
  expect(list.queries).toEqual([]);
}

describe('a cursor from outside', () => {
  it.each<[string, Partial<ConnectionOptions>]>([
    ['another list', { list: 'removed' }],
    ['another filter', { filter: { title: 'b' } }],
    ['another direction', { order: { field: 'CREATED_AT', direction: 'ASC' } }],
    ['another field', { order: { field: 'TITLE', direction: 'DESC' } }],
    ['metadata', { filter: { title: 'a', metadata: [{ key: 'a', value: 'b' }] } }],
  ])('is refused on a call with %s', async (_name, options) => {
    const given = { filter: { title: 'a' } };
    const cursor = await readEndCursor(given);
    await expectRefusal(cursor, { ...given, ...options }, /of another list, filter or order/);
  });

  it('is taken with a filter that means the same', async () => {
    const cursor = await readEndCursor({ filter: { tags: ['x', 'y'], description: undefined } });
    const { nodes } = await read(
      new FakeList(createVideos(9)),
      { after: cursor },
      { filter: { tags: ['y', 'x', 'x'] } },
    );
    expect(nodes).toHaveLength(5);
  });

  it('is short', async () => {
    expect((await readEndCursor()).length).toBeLessThan(250);
  });

  it('is refused where it is any text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 300 }), (text) => expectRefusal(text)),
    );
    await fc.assert(fc.asyncProperty(fc.base64String({ maxLength: 3_000 }), (text) => expectRefusal(text)));
  });

  it('is refused where it is any JSON', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), (text) => expectRefusal(Buffer.from(text).toString('base64url'))),
    );
  });

  it('is refused where one of its parts is not what it was', async () => {
    const parts: unknown[] = JSON.parse(Buffer.from(await readEndCursor(), 'base64url').toString());
    const wrong: [number, unknown][] = [
      [0, 2],
      [1, 7],
      [2, -1],
      [2, 0.5],
      [2, 2 ** 53],
      [2, '3'],
      [3, -1],
      [3, null],
      [4, 'abcdefgh'],
      [4, 1.5],
      [4, 1e300],
      [5, ''],
      [5, 'x'.repeat(300)],
      [6, ['short']],
      [6, Array(4).fill('abcdefgh')],
      [7, {}],
    ];
    for (const [index, value] of wrong) await expectRefusal(encode(parts.with(index, value)));
    await expectRefusal(encode([...parts, 1]));
    await expectRefusal(encode(parts.slice(0, -1)));
  });

  it('is refused where it is too long, though its parts are right', async () => {
    const text = Buffer.from(await readEndCursor(), 'base64url').toString();
    await expectRefusal(Buffer.from(text + ' '.repeat(2_000)).toString('base64url'));
  });

  it('may name any place whatsoever: it costs some reads, and the answer is in order', async () => {
    const parts: unknown[] = JSON.parse(Buffer.from(await readEndCursor(), 'base64url').toString());
    const marks = fc.array(fc.string({ minLength: 8, maxLength: 8, unit: fc.constantFrom('a', 'b') }), {
      maxLength: 3,
    });
    const forged = fc.tuple(
      fc.oneof(fc.nat(400), fc.nat(1_000_000_000)),
      fc.oneof(fc.nat(400), fc.nat(1_000_000_000)),
      fc.oneof(fc.constant(null), fc.maxSafeInteger()),
      fc.constantFrom('a', 'vi00000', 'vi07919'),
      marks,
      marks,
    );
    await fc.assert(
      fc.asyncProperty(forged, fc.boolean(), async (rest, forward) => {
        const list = new FakeList(createVideos(333));
        const cursor = encode([...parts.slice(0, 2), ...rest]);
        const args = forward ? { first: 50, after: cursor } : { last: 50, before: cursor };
        const answer = await read(list, args).catch((error: unknown) => error);
        expect(list.queries.length).toBeLessThanOrEqual(16);
        if (answer instanceof ConnectionArgumentError) return;
        const order = list.ids({ sortBy: 'createdAt', sortOrder: 'desc' });
        expect(answer).toSatisfy(({ nodes }: Awaited<ReturnType<typeof read>>) => {
          const places = nodes.map(({ id }) => order.indexOf(id));
          return places.every((place, index) => index === 0 || place === (places[index - 1] ?? 0) + 1);
        });
      }),
      { numRuns: 100 },
    );
  });

  it('of the default order is the same as of that order when asked for', async () => {
    const cursor = await readEndCursor({ order: { ...BY_CREATION } });
    expect(cursor).toBe(await readEndCursor());
  });
});
