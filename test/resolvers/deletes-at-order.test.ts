// What an order by DELETES_AT costs, which upstream cannot sort by: the whole list, or nothing where there is no room for it.
import { describe, expect, test } from 'vitest';
import { RemovedVideosDocument } from '../generated/test-documents.ts';
import { createRemovedVideos } from '../support/create-videos.ts';
import { toLists } from '../support/list-calls.ts';
import { startTestGateway } from '../support/test-gateway.ts';

describe('the order DELETES_AT', () => {
  const orderBy = { field: 'DELETES_AT', direction: 'ASC' } as const;

  test('costs one reading of the removed list for all that ask at the same time', async () => {
    await using started = await startTestGateway({ ...createRemovedVideos(240), latencyMs: 20 });
    const { sandbox, execute } = started;
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => execute(RemovedVideosDocument, { first: index + 1, orderBy })),
    );
    expect(answers.map(({ removedVideos }) => removedVideos?.nodes.length)).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 1),
    );
    expect(toLists(sandbox.requests, '/discarded/videos')).toHaveLength(3);
  });

  test('reads one page, and not the budget of a minute, where that has no room for the whole list', async () => {
    await using started = await startTestGateway({
      ...createRemovedVideos(900),
      limits: { reads: 20, writes: 20 },
    });
    const { sandbox, execute, post } = started;
    await execute(RemovedVideosDocument, { first: 1 });
    sandbox.spend('reads', 12);
    sandbox.clearRequests();
    const { errors } = await post({
      query: '{ removedVideos(first: 5, orderBy: { field: DELETES_AT }) { nodes { id } } }',
    });
    expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_BUDGET_EXHAUSTED' } }]);
    expect(errors[0]?.extensions?.retryAfterSeconds).toBeGreaterThan(30);
    expect(sandbox.requests).toHaveLength(1);
  });

  test('says how many it can order where no minute has room for the whole list', async () => {
    await using started = await startTestGateway({
      ...createRemovedVideos(900),
      limits: { reads: 8, writes: 8 },
    });
    const { sandbox, post } = started;
    const { errors } = await post({
      query: '{ removedVideos(first: 5, orderBy: { field: DELETES_AT }) { nodes { id } } }',
    });
    expect(errors).toMatchObject([
      {
        extensions: { code: 'BAD_USER_INPUT' },
        message: expect.stringContaining(
          'Expected at most 800 videos to order by DELETES_AT, and there are 900',
        ),
      },
    ]);
    expect(toLists(sandbox.requests, '/discarded/videos')).toHaveLength(1);
  });

  test.each([
    { reads: 8, seen: 8, answered: { removedVideos: { totalCount: 339 } }, codes: [] },
    { reads: 7, seen: 5, answered: { removedVideos: null }, codes: ['UPSTREAM_BUDGET_EXHAUSTED'] },
  ])(
    'is read again where the list has changed, at the full price: with $reads reads a minute, $seen are sent',
    async ({ reads, seen, answered, codes }) => {
      const { videos, ids } = createRemovedVideos(340);
      await using started = await startTestGateway({
        videos,
        limits: { reads, writes: 8 },
        // The pages of the first reading are at hand all the time, and no use for the second.
        env: { APIVIDEO_DIALECT: 'discarded', READ_CACHE_SECONDS: '60' },
      });
      const { sandbox, post } = started;
      sandbox.setFault(({ query, index }) => {
        if (query.get('currentPage') === '2' && index < 5) sandbox.restore(ids[7] ?? '');
        return undefined;
      });

      const { data, errors } = await post({
        query: '{ removedVideos(first: 5, orderBy: { field: DELETES_AT }) { totalCount } }',
      });

      expect({ data, codes: errors.map(({ extensions }) => extensions?.code) }).toEqual({
        data: answered,
        codes,
      });
      expect(toLists(sandbox.requests, '/discarded/videos')).toHaveLength(seen);
    },
  );
});
