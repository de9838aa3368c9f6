// What a filter may be, and how upstream is asked for it.
import { expect, test } from 'vitest';
import { VideosDocument } from '../generated/test-documents.ts';
import { captureLog } from '../support/capture-log.ts';
import { toLists } from '../support/list-calls.ts';
import { ODD_TEXTS } from '../support/odd-texts.ts';
import { createPlainVideo, startPlainUpstream } from '../support/plain-upstream.ts';
import { readAsPhp, readAsQs, readTrimmed } from '../support/query-parsers.ts';
import { startTestGateway, type TestGateway } from '../support/test-gateway.ts';

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

type Asked = {
  title?: string;
  description?: string;
  liveStreamId?: string;
  tags?: string[];
  metadata?: { key: string; value: string }[];
};

const PLACES: readonly [string, (text: string) => Asked][] = [
  ['title', (text) => ({ title: text })],
  ['description', (text) => ({ description: text })],
  ['liveStreamId', (text) => ({ liveStreamId: text })],
  ['tags', (text) => ({ tags: ['first', text] })],
  ['a key of metadata', (text) => ({ metadata: [{ key: text, value: 'v' }] })],
  ['a value of metadata', (text) => ({ metadata: [{ key: 'k', value: text }] })],
];

const QUERY = 'query ($filter: VideoFilter) { videos(filter: $filter) { totalCount } }';

/** What every server must read from the query that was sent; undefined if the gateway refused and sent nothing. */
async function ask({ sandbox, post }: TestGateway, filter: Asked) {
  sandbox.clearRequests();
  const { errors } = await post({ query: QUERY, variables: { filter } });
  const lists = toLists(sandbox.requests);
  if (errors.length > 0) {
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(lists).toEqual([]);
    return { refused: errors[0]?.message ?? '', sent: undefined };
  }
  expect(lists).toHaveLength(1);
  return { refused: undefined, sent: lists[0]?.query.toString() ?? '' };
}

test.each(PLACES)('no server takes a text in %s for another one, or for none', async (_name, toFilter) => {
  await using started = await startTestGateway({ limits: null, env: { READ_CACHE_SECONDS: '0' } });
  for (const text of ODD_TEXTS) {
    const filter = toFilter(text);
    const { sent } = await ask(started, filter);
    if (sent === undefined) continue;
    const { tags = [], metadata = [], ...texts } = filter;
    const asked = { texts, tags, metadata: metadata.map(({ key, value }) => [key, value]) };
    for (const read of [readAsPhp, readAsQs, readTrimmed])
      expect(read(sent), `${read.name}: ${JSON.stringify(text)}`).toEqual(asked);
  }
});

test.each<[string, Asked, RegExp]>([
  [
    'an empty title',
    { title: '' },
    /^Expected filter\.title to have at least one character, or to be left out/,
  ],
  [
    'a blank description',
    { description: ' ' },
    /^Expected filter\.description to begin and end with no blank or invisible sign/,
  ],
  [
    'a live stream with a sign in it that nobody sees',
    { liveStreamId: 'a\u{e0061}' },
    /, and got "a\\udb40\\udc61"\.$/,
  ],
  [
    'a blank tag',
    { tags: ['a', '\u00a0'] },
    /^Expected every tag in filter\.tags to begin and end with no blank/,
  ],
  [
    'an empty tag',
    { tags: [''] },
    /^Expected every tag in filter\.tags to have at least one character, or to be left out/,
  ],
  [
    'an empty key',
    { metadata: [{ key: '', value: 'x' }] },
    /^Expected every key in filter\.metadata to have at least one character, and got ""\.$/,
  ],
  [
    'an empty value',
    { metadata: [{ key: 'k', value: '' }] },
    /^Expected every value in filter\.metadata to have at least one character, and got ""\.$/,
  ],
  [
    'an empty live stream',
    { liveStreamId: '' },
    /^Expected filter\.liveStreamId to be 1 to 64 letters and digits/,
  ],
  ['a zero as the title', { title: '0' }, /filter\.title to be more than a zero.*, and got "0"\.$/],
  ['a zero as the description', { description: '0' }, /filter\.description to be more than a zero/],
  ['a zero as the live stream', { liveStreamId: '0' }, /filter\.liveStreamId to be more than a zero/],
  ['a title of wildcards', { title: '%' }, /filter\.title to have more than wildcards.*, and got "%"\.$/],
  ['a description of wildcards', { description: '*_?' }, /filter\.description to have more than wildcards/],
  ['a control character', { title: 'a\u0007b' }, /no control characters, and got "a\\u0007b"\.$/],
  ['half a character', { tags: ['\ud83d'] }, /well-formed Unicode/],
  ['brackets in a key', { metadata: [{ key: 'a][b', value: 'x' }] }, /no brackets.*and got "a\]\[b"\.$/],
  ['a number as a key', { metadata: [{ key: '3', value: 'x' }] }, /no whole number/],
  ['a reserved key', { metadata: [{ key: '__proto__', value: 'x' }] }, /no reserved word/],
  [
    'two values for one key',
    { metadata: ['a', 'b'].map((value) => ({ key: 'Author', value })) },
    /one value, and got two for "Author"/,
  ],
  [
    'too many tags',
    { tags: Array.from({ length: 21 }, (_, index) => `t${index}`) },
    /at most 20 tags .* got 21/,
  ],
  [
    'too much metadata',
    { metadata: Array.from({ length: 21 }, (_, index) => ({ key: `k${index}`, value: 'x' })) },
    /at most 20 pairs of metadata .* got 21/,
  ],
])('refuses %s, and says so', async (_name, filter, message) => {
  await using started = await startTestGateway();
  expect((await ask(started, filter)).refused).toMatch(message);
});

test.each<[string, Asked, string]>([
  ['a tag given twice', { tags: ['a', 'b', 'a'] }, 'tags[]=a&tags[]=b'],
  ['a pair given twice', { metadata: [1, 2].map(() => ({ key: 'k', value: 'v' })) }, 'metadata[k]=v'],
  ['a zero as a tag', { tags: ['0'] }, 'tags[]=0'],
  ['empty lists', { tags: [], metadata: [] }, ''],
  [
    'keys that differ in case',
    { metadata: ['k', 'K'].map((key) => ({ key, value: key })) },
    'metadata[k]=k&metadata[K]=K',
  ],
])('asks for %s once, or not at all', async (_name, filter, expected) => {
  await using started = await startTestGateway();
  const { sent = '' } = await ask(started, filter);
  const conditions = decodeURIComponent(sent)
    .split('&')
    .filter((part) => /^(?:tags|metadata)/.test(part));
  expect(conditions.join('&')).toBe(expected);
});

test('sends a blank as %20, which every parser takes for a blank', async () => {
  const lines: string[] = [];
  await using upstream = await startPlainUpstream({ alter: (_answer, { url }) => void lines.push(url) });
  await using started = await startTestGateway({ env: { APIVIDEO_BASE_URL: upstream.url } });
  await started.post({ query: QUERY, variables: { filter: { title: 'a b+c' } } });
  expect(lines.filter((line) => line.includes('title='))).toEqual([
    expect.stringContaining('title=a%20b%2Bc&'),
  ]);
});

test.each<[string, Asked]>([
  ['a tag', { tags: ['missing'] }],
  ['metadata', { metadata: [{ key: 'k', value: 'missing' }] }],
  ['two conditions', { tags: ['one'], metadata: [{ key: 'k', value: 'missing' }] }],
])('shows no list of an upstream that ignores %s', async (_name, filter) => {
  const { logger, lines } = captureLog('info');
  await using upstream = await startPlainUpstream({ matchesTags: () => true });
  await using started = await startTestGateway({ logger, env: { APIVIDEO_BASE_URL: upstream.url } });
  const answer = await started.post({ query: QUERY, variables: { filter } });
  expect(answer).toMatchObject({
    data: { videos: null },
    errors: [
      {
        message: expect.stringMatching(/do not meet the filter/),
        extensions: { code: 'UPSTREAM_UNAVAILABLE' },
      },
    ],
  });
  expect(JSON.stringify(lines)).toMatch(/listed video viPlain\d+, which does not meet the filter/);
});

test('shows what an upstream lists that ignores case, and what it finds in another Unicode form', async () => {
  const videos = [{ ...createPlainVideo(1), tags: ['Café'], metadata: [{ key: 'Author', value: 'ADA' }] }];
  await using upstream = await startPlainUpstream({ videos, matchesTags: () => true });
  await using started = await startTestGateway({ env: { APIVIDEO_BASE_URL: upstream.url } });
  const filter = { tags: ['cafe\u0301'], metadata: [{ key: 'author', value: 'Ada' }] };
  expect(await started.post({ query: QUERY, variables: { filter } })).toMatchObject({
    data: { videos: { totalCount: 1 } },
    errors: [],
  });
});
