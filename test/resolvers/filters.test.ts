// What a filter may be, and how upstream is asked for it.
import { expect, test } from 'vitest';
import { VideosDocument } from '../generated/test-documents.ts';
import { toLists } from '../support/list-calls.ts';
import { startTestGateway } from '../support/test-gateway.ts';

test('asks upstream for every condition of a filter', async () => {
  await using started = await startTestGateway();
  const { sandbox, execute } = started;
  const metadata = [{ key: 'Author', value: 'Ada & Brown' }];
  await execute(VideosDocument, { filter: { title: 'a/b', tags: ['x', 'y z'], metadata } });
  const [list] = toLists(sandbox.requests);
  expect([...(list?.query ?? [])]).toEqual(
    expect.arrayContaining([
      ['title', 'a/b'],
      ['tags[]', 'x'],
      ['tags[]', 'y z'],
      ['metadata[Author]', 'Ada & Brown'],
    ]),
  );
});

test('refuses a filter that no URL of upstream has room for, and sends nothing', async () => {
  await using started = await startTestGateway();
  const { sandbox, execute, post } = started;
  const query = 'query ($title: String) { videos(filter: { title: $title }) { totalCount } }';
  const longest = 'a'.repeat(6_000 - 'title=&currentPage=1&pageSize=1'.length);

  await execute(VideosDocument, { filter: { title: longest } });
  sandbox.clearRequests();
  const { errors } = await post({ query, variables: { title: `${longest}a` } });

  expect(errors).toMatchObject([
    {
      message: expect.stringMatching(/^Expected a filter of at most 6000 characters .* got 6001\./),
      extensions: { code: 'BAD_USER_INPUT' },
    },
  ]);
  expect(sandbox.requests).toEqual([]);
});
