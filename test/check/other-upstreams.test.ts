// The check against upstreams that differ in one thing each: that row differs, says what follows, and no other row does.
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { MOST_WRITES } from '../../src/check/request-allowance.ts';
import { check } from '../support/check.ts';
import {
  createPlainVideo,
  type PlainAnswer,
  type PlainOptions,
  type PlainRequest,
  startPlainUpstream,
} from '../support/plain-upstream.ts';

/** Changes the videos of every answer. */
function eachVideo(change: (video: Record<string, unknown>) => Record<string, unknown>): PlainOptions {
  return {
    alter(answer) {
      const body = Object(answer.body);
      if (Array.isArray(body.data)) answer.body = { ...body, data: body.data.map(change) };
      else if (body.videoId !== undefined) answer.body = change(body);
    },
  };
}

/** Changes the answers to requests that match. */
function when(
  matches: (request: PlainRequest, answer: PlainAnswer) => boolean,
  change: (answer: PlainAnswer) => void,
): PlainOptions {
  return {
    alter(answer, request) {
      if (matches(request, answer)) change(answer);
    },
  };
}

const always = () => true;
const toHtml = (answer: PlainAnswer) => {
  answer.body = '<html><body>Bad gateway</body></html>';
  answer.headers['Content-Type'] = 'text/html';
};
const isVideo = ({ path }: PlainRequest) => /\/videos\/\w+$/.test(path);
const setHeader = (name: string, value: string | string[]) => (answer: PlainAnswer) => {
  answer.headers[name] = value;
};
const toDate = (offsetMs: number) => () => new Date(Date.now() + offsetMs).toUTCString();

test('an upstream of another make that behaves as assumed', async () => {
  await using upstream = await startPlainUpstream();
  const { odd, project, text } = await check(upstream.url, { write: true });

  expect(odd).toEqual({});
  expect(project).toBe('prPlain');
  expect(text('limit headers')).toContain('500 reads and 500 writes a minute');
});

test('an upstream behind a proxy that puts a byte order mark before each body', async () => {
  await using upstream = await startPlainUpstream({
    alter(answer) {
      if (answer.body !== undefined) answer.body = `\ufeff${JSON.stringify(answer.body)}`;
    },
  });
  const { odd } = await check(upstream.url, { write: true });

  expect(odd).toEqual({});
});

type Difference = [name: string, options: PlainOptions, rows: string[], says: RegExp];

const withoutWrites: Difference[] = [
  [
    'a limit header that comes twice',
    when(({ path }) => !path.startsWith('/auth'), setHeader('X-RateLimit-Remaining', ['400', '399'])),
    ['limit headers'],
    /X-RateLimit-Remaining is doubled.*reads what it can/,
  ],
  [
    'a limit header that a proxy has joined',
    when(({ path }) => !path.startsWith('/auth'), setHeader('X-RateLimit-Limit', '500, 500')),
    ['limit headers'],
    /X-RateLimit-Limit is doubled/,
  ],
  [
    'a limit header with decimals',
    when(({ path }) => !path.startsWith('/auth'), setHeader('X-RateLimit-Retry-After', '12.5')),
    ['limit headers'],
    /X-RateLimit-Retry-After is with decimals/,
  ],
  [
    'a negative limit header',
    when(({ path }) => !path.startsWith('/auth'), setHeader('X-RateLimit-Remaining', '-3')),
    ['limit headers'],
    /X-RateLimit-Remaining is negative/,
  ],
  [
    'a limit header that is missing on some answers',
    when(isVideo, ({ headers }) => {
      delete headers['X-RateLimit-Limit'];
    }),
    ['limit headers'],
    /X-RateLimit-Limit is missing on \d+ of \d+ answers/,
  ],
  [
    'a window of an hour',
    when(({ path }) => !path.startsWith('/auth'), setHeader('X-RateLimit-Retry-After', '3600')),
    ['limit headers'],
    /longer than a minute/,
  ],
  [
    'a standard header for the rate limit',
    when(always, setHeader('RateLimit-Policy', '500;w=60')),
    ['other limit headers'],
    /RateLimit-Policy.*prefers X-RateLimit-…/,
  ],
  [
    'a clock that is ahead',
    when(always, (answer) => setHeader('Date', toDate(95_000)())(answer)),
    ['clock'],
    /9[45] s ahead of this machine's/,
  ],
  [
    'a clock that is behind',
    when(always, (answer) => setHeader('Date', toDate(-30_000)())(answer)),
    ['clock'],
    /\d\d s behind this machine's/,
  ],
  [
    'answers without a valid date',
    when(always, setHeader('Date', 'yesterday')),
    ['clock'],
    /no valid Date.*this machine's clock/,
  ],
  [
    'refusals as HTML',
    when((_, { status }) => status === 400 || status === 401, toHtml),
    ['error documents', 'wrong key'],
    /Refusals \(400, 401\) have no problem document/,
  ],
  [
    'an unknown id without a problem document',
    when((request, { status }) => isVideo(request) && status === 404, toHtml),
    ['unknown id'],
    /404 without a problem document.*instead of NOT_FOUND/,
  ],
  [
    'an unknown id that gets 410',
    when(
      (request, { status }) => isVideo(request) && status === 404,
      (answer) => {
        answer.status = 410;
        answer.body = { ...Object(answer.body), status: 410 };
      },
    ),
    ['unknown id'],
    /410, not 404/,
  ],
  [
    'an unknown path that gets 404 of another type',
    when(
      ({ path }) => path.startsWith('/made-up'),
      (answer) => {
        answer.body = { type: 'https://docs.api.video/reference/not-found', title: 'No.', status: 404 };
      },
    ),
    ['unknown path'],
    /another type.*APIVIDEO_DIALECT=removed/,
  ],
  [
    'a list without its length',
    when(
      ({ path }) => path === '/discarded/videos',
      (answer) => {
        const { data } = Object(answer.body);
        answer.body = { data, pagination: {} };
      },
    ),
    // The dialect is found by that list.
    ['removed videos', 'dialect'],
    /pagination\.itemsTotal \(not .*cannot read this answer/,
  ],
  [
    'flags that the gateway cannot read',
    when(
      ({ path }, { status }) => path === '/videos' && status === 200,
      (answer) => {
        const { data, pagination } = Object(answer.body);
        answer.body = { data: data.map((video: object) => ({ ...video, discarded: 'no' })), pagination };
      },
    ),
    ['live videos'],
    /data\[\]\.discarded \(not true or false\).*leaves out 7 of the videos/,
  ],
  [
    'days that no month has',
    eachVideo((video) => ({ ...video, updatedAt: '2026-02-30T12:00:00+00:00' })),
    ['live videos', 'removed videos', 'single videos'],
    /updatedAt.*all the same/,
  ],
  [
    'fields of a form that the gateway passes over',
    eachVideo(({ mp4Support, updatedAt, ...video }) => ({
      ...video,
      updatedAt: String(updatedAt).replace('T', ' '),
    })),
    ['live videos', 'removed videos', 'single videos'],
    /data\[\]\.mp4Support \(not true or false\), data\[\]\.updatedAt \(not a time such as .*all the same/,
  ],
  [
    'videos on the wrong list',
    when(
      ({ path }, { status }) => path === '/videos' && status === 200,
      (answer) => {
        const { data, pagination } = Object(answer.body);
        answer.body = { data: data.map((video: object) => ({ ...video, discarded: true })), pagination };
      },
    ),
    ['live videos'],
    /7 of 7 videos on the list of live videos have the flag of the other list/,
  ],
  [
    'pages that overlap',
    when(
      ({ query }) => query.get('currentPage') === '2' && query.get('pageSize') === '2',
      (answer) => {
        const { data, pagination } = Object(answer.body);
        answer.body = { data: [data[1], data[0]], pagination };
      },
    ),
    ['pages'],
    /do not show the same videos.*Walks can skip or repeat/,
  ],
  [
    'totals that differ between pages',
    when(
      ({ query }) => query.get('currentPage') === '2' && query.get('pageSize') === '2',
      (answer) => {
        const { data, pagination } = Object(answer.body);
        answer.body = { data, pagination: { ...pagination, itemsTotal: 900 } };
      },
    ),
    ['pages'],
    /itemsTotal differs/,
  ],
  [
    'a refusal of pages beyond the last one',
    when(
      ({ query }, { status }) => status === 200 && query.get('currentPage') === '3',
      (answer) => {
        answer.status = 400;
        answer.body = { type: 'https://docs.api.video/reference/x', title: 'No such page.', status: 400 };
      },
    ),
    ['beyond the last page'],
    /answered with 400/,
  ],
  [
    'lists that are not sorted by one of the fields',
    when(
      ({ query }) => query.get('sortBy') === 'publishedAt',
      ({ body }) => {
        Object(body).data.reverse();
      },
    ),
    ['sort orders'],
    /not sorted by publishedAt.*PUBLISHED_AT/,
  ],
  [
    'a direction that is ignored for titles',
    when(
      ({ query }) => query.get('sortBy') === 'title' && query.get('sortOrder') === 'desc',
      ({ body }) => {
        Object(body).data.reverse();
      },
    ),
    ['sort orders'],
    /not sorted by title/,
  ],
  [
    'a title filter for whole titles',
    { matchesTitle: (title, term) => title.toLowerCase() === term.toLowerCase() },
    ['title filter'],
    /whole titles only/,
  ],
  [
    'a title filter for whole words',
    { matchesTitle: (title, term) => ` ${title} `.toLowerCase().includes(` ${term.toLowerCase()} `) },
    ['title filter'],
    /whole words only/,
  ],
  [
    'a title filter that filters nothing',
    { matchesTitle: () => true },
    ['title filter'],
    /do not contain the term/,
  ],
  [
    'a title filter that distinguishes case',
    { matchesTitle: (title, term) => title.includes(term) },
    ['title filter, case'],
    /distinguishes upper and lower case/,
  ],
  [
    'a tags filter for any of the tags',
    { matchesTags: (tags, terms) => terms.some((term) => tags.includes(term)) },
    ['tags filter'],
    /do not have all of the tags/,
  ],
  [
    'a token that names no project',
    when(
      (_, { body }) => 'access_token' in Object(body),
      ({ body }) => {
        Object(body).access_token = 'opaque.signature';
      },
    ),
    ['project'],
    /no JWT.*AUTH=passthrough/,
  ],
  [
    'a wrong key that gets 422',
    when(
      ({ path }, { status }) => path === '/auth/api-key' && status === 400,
      (answer) => {
        answer.status = 422;
        answer.body = { ...Object(answer.body), status: 422 };
      },
    ),
    ['wrong key'],
    /422.*UPSTREAM_UNAVAILABLE instead of UPSTREAM_UNAUTHORIZED/,
  ],
  [
    'JSON under another name',
    when((_, { status }) => status === 200, setHeader('Content-Type', 'text/plain')),
    ['content'],
    /text\/plain \(identity\)/,
  ],
];

test.each(withoutWrites)('%s', async (_, options, rows, says) => {
  await using upstream = await startPlainUpstream(options);
  const { odd, text } = await check(upstream.url);

  const differing = Object.keys(odd).filter((name) => odd[name] === 'differs');
  expect(differing.toSorted()).toEqual(rows.toSorted());
  expect(text(rows[0] ?? '')).toMatch(says);
  expect(upstream.requests.every(({ method, path }) => method === 'GET' || path.startsWith('/auth/'))).toBe(
    true,
  );
});

const withWrites: Difference[] = [
  [
    'a second DELETE that destroys',
    { secondDelete: 'destroys' },
    ['second DELETE'],
    /gets 204 and destroys the removed video/,
  ],
  [
    'lists that lag four seconds',
    { listLagMs: 4_000 },
    ['lag, live list', 'lag, removed list'],
    /as late as [45]\d{3} ms after it.*Set UPSTREAM_LAG_MS=3000, the most there is/,
  ],
  ['a retention of 30 days', { retentionDays: 30 }, ['retention'], /30 days, not 90/],
  [
    'a deletion that gets 202',
    when(
      ({ method }) => method === 'DELETE',
      (answer) => {
        answer.status = 202;
      },
    ),
    ['deletion'],
    /202, not 204/,
  ],
  [
    'a removal that is dated ten seconds early',
    eachVideo(({ discardedAt: at, ...video }) => ({
      ...video,
      discardedAt: typeof at === 'string' ? new Date(Date.parse(at) - 10_000).toISOString() : at,
    })),
    ['removal date'],
    /\d+ s before its DELETE/,
  ],
  [
    'a restore without the video in its answer',
    when(
      ({ method }) => method === 'PATCH',
      (answer) => {
        if (answer.status === 200) answer.body = {};
      },
    ),
    ['restore'],
    /its body is not the video/,
  ],
  [
    'a restore of a live video that gets 200',
    when(
      ({ method }, { status }) => method === 'PATCH' && status === 404,
      (answer) => {
        answer.status = 200;
        answer.body = createPlainVideo(50);
      },
    ),
    ['second restore'],
    /200, not 404.*alreadyLive can be false/,
  ],
  [
    'a destroyed video whose 404 is no problem document',
    {
      secondDelete: 'destroys',
      ...when((request, { status }) => isVideo(request) && status === 404, toHtml),
    },
    ['second DELETE', 'destroyed video', 'unknown id'],
    /destroys/,
  ],
];

test.each(withWrites)('with --write: %s', async (_, options, rows, says) => {
  await using upstream = await startPlainUpstream(options);
  const { odd, text } = await check(upstream.url, { write: true });

  const differing = Object.keys(odd).filter((name) => odd[name] === 'differs');
  expect(differing.toSorted()).toEqual(rows.toSorted());
  expect(text(rows[0] ?? '')).toMatch(says);
  const written = upstream.requests.filter(
    ({ method, path }) => method !== 'GET' && !path.startsWith('/auth/'),
  );
  for (const { method, path } of written)
    expect(path).toMatch(method === 'POST' ? /^\/videos$/ : /\/videos\/viProbe$/);
  expect(written.length).toBeLessThanOrEqual(MOST_WRITES);
});

test('a tags filter that filters nothing does not lead a write to another video', async () => {
  const videos = Array.from({ length: 3 }, (_, index) => ({
    ...createPlainVideo(index),
    title: 'apivideo-graphql: Video Restore probe',
  }));
  await using upstream = await startPlainUpstream({ videos, matchesTags: () => true });
  await check(upstream.url, { write: true });

  const written = upstream.requests.filter(({ method }) => method === 'DELETE' || method === 'PATCH');
  expect(new Set(written.map(({ path }) => path.split('/').at(-1)))).toEqual(new Set(['viProbe']));
});

test('a token whose other claims are odd still names its project, as for the gateway', async () => {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const token = `${encode({ alg: 'HS256' })}.${encode({ projectId: 'prOurs', exp: 'soon' })}.c2lnbmVk`;
  const options = when(
    (_, { body }) => 'access_token' in Object(body),
    ({ body }) => {
      Object(body).access_token = token;
    },
  );
  await using upstream = await startPlainUpstream(options);
  // This stand-in then refuses all that needs a token.
  const { project, text } = await check(upstream.url);

  expect(project).toBe('prOurs');
  expect(text('project')).toBe('The token names project prOurs.');
});

test('compressed answers are read', async () => {
  await using upstream = await startPlainUpstream(
    when(
      (_, { body }) => typeof body === 'object',
      (answer) => {
        answer.headers['Content-Encoding'] = 'gzip';
        // Latin-1 would not survive: the answer must be sent as bytes.
        answer.body = gzipSync(JSON.stringify(answer.body));
      },
    ),
  );
  const { odd, text } = await check(upstream.url);

  expect(odd).toEqual({});
  expect(text('content')).toContain('gzip');
});

test('no finding quotes a title, a key or a token', async () => {
  const seen: string[] = [];
  await using upstream = await startPlainUpstream({
    alter(answer, { path }) {
      const { access_token: token, data, pagination } = Object(answer.body);
      if (typeof token === 'string') seen.push(token);
      if (path === '/videos' && data)
        answer.body = {
          data: data.map((video: { title: string }) => ({ ...video, public: video.title })),
          pagination,
        };
    },
  });
  const { rows, odd } = await check(upstream.url, { write: true });

  expect(odd).toMatchObject({ 'live videos': 'differs' });
  const printed = JSON.stringify(rows);
  for (const secret of [...seen, 'sandbox-key', 'private Title']) expect(printed).not.toContain(secret);
  expect(seen.length).toBeGreaterThan(0);
});
