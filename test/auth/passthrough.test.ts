// AUTH=passthrough: callers' own credentials go upstream, and nothing crosses from one project to another.
import { describe, expect, test } from 'vitest';
import { createVideo } from '../../src/sandbox/server.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const PASSTHROUGH = {
  APIVIDEO_API_KEY: '',
  AUTH: 'passthrough',
  VIDEO_RESTORE: 'on',
  APIVIDEO_DIALECT: 'removed',
};
const basic = (key: string) => `Basic ${Buffer.from(`${key}:`).toString('base64')}`;
const LIST = { query: '{ videos { totalCount nodes { id } } }' };
const DELETE =
  'mutation ($ids: [ID!]!) { deleteVideos(ids: $ids) { results { __typename videoId ... on VideoFailure { code } } } }';

async function startTwoProjects(env: Record<string, string> = {}) {
  const mine = createVideo();
  const theirs = createVideo();
  const started = await startTestGateway({
    dialect: 'removed',
    apiKey: 'my-key',
    videos: [mine],
    env: { ...PASSTHROUGH, ...env },
  });
  const other = started.sandbox.addProject({ apiKey: 'their-key', projectId: 'prTheirs', videos: [theirs] });
  const ask = (authorization: string | undefined, body: unknown) =>
    started.post(body, {
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        ...(authorization && { authorization }),
      },
    });
  const token = async (apiKey: string): Promise<string> => {
    const response = await fetch(`${started.sandbox.url}/auth/api-key`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ apiKey }),
    });
    const { access_token } = Object(await response.json());
    started.sandbox.clearRequests();
    return `Bearer ${access_token}`;
  };
  return { ...started, mine, theirs, other, ask, token };
}

/** A token like another, for a project of choice. */
function forge(authorization: string, projectId: string): string {
  const [header, payload = '', signature] = authorization.replace('Bearer ', '').split('.');
  const claims = { ...Object(JSON.parse(Buffer.from(payload, 'base64url').toString())), projectId };
  return `Bearer ${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`;
}

describe('without credentials of api.video', () => {
  test.each([
    ['none', undefined],
    ['an empty header', ''],
    ['another scheme', 'Digest username="x"'],
    ['Basic that is no base64', 'Basic ***'],
    ['Basic without a colon', `Basic ${Buffer.from('key').toString('base64')}`],
    ['Basic without a user name', `Basic ${Buffer.from(':').toString('base64')}`],
    ['Basic with a password', `Basic ${Buffer.from('my-key:password').toString('base64')}`],
    ['Basic with a line end', `Basic ${Buffer.from('my-key\r\nx: y:').toString('base64')}`],
    ['Bearer without a token', 'Bearer '],
    ['Bearer with two', 'Bearer a b'],
  ])('%s: UNAUTHENTICATED, and nothing is sent', async (_name, authorization) => {
    await using started = await startTwoProjects();
    const { ask, sandbox } = started;
    const { status, data, errors } = await ask(authorization, LIST);
    expect([status, data, errors.map(({ extensions }) => extensions)]).toEqual([
      401,
      undefined,
      [{ code: 'UNAUTHENTICATED' }],
    ]);
    expect(sandbox.requests).toEqual([]);
  });

  test('the answer names the scheme, and no browser asks for a password', async () => {
    await using started = await startTwoProjects();
    const { gateway } = started;
    const response = await gateway.fetch('http://127.0.0.1/graphql?query={__typename}');
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="apivideo-graphql"');
  });
});

describe('two projects at once', () => {
  test('each sees its own videos, with a key and with a token', async () => {
    await using started = await startTwoProjects({ READ_CACHE_SECONDS: '60' });
    const { ask, token, mine, theirs } = started;
    const whose = async (authorization: string) => {
      const { data } = await ask(authorization, LIST);
      return data;
    };
    const answers = await Promise.all(
      [basic('my-key'), basic('their-key'), await token('my-key'), await token('their-key')].map(whose),
    );
    const list = (id: string) => ({ videos: { totalCount: 1, nodes: [{ id }] } });
    expect(answers).toEqual([mine, theirs, mine, theirs].map(({ videoId }) => list(videoId)));
  });

  test('neither can delete what is the other’s', async () => {
    await using started = await startTwoProjects();
    const { ask, sandbox, mine, theirs, other } = started;
    const variables = { ids: [mine.videoId, theirs.videoId] };
    const { data } = await ask(basic('their-key'), { query: DELETE, variables });
    expect(data).toMatchObject({
      deleteVideos: { results: [{ code: 'NOT_FOUND' }, { __typename: 'VideoRemoved' }] },
    });
    expect([sandbox.state(mine.videoId), other.state(theirs.videoId)]).toEqual(['live', 'removed']);
  });

  test('the budget of one is not the other’s, nor what was seen of Video Restore', async () => {
    await using started = await startTwoProjects();
    const { ask, theirs } = started;
    await ask(basic('their-key'), { query: DELETE, variables: { ids: [theirs.videoId] } });
    const query = '{ videoRestore { status } upstreamBudget { writes { remaining limitPerMinute } } }';
    expect((await ask(basic('their-key'), { query })).data).toMatchObject({
      videoRestore: { status: 'ENABLED' },
      upstreamBudget: { writes: { limitPerMinute: 200 } },
    });
    expect((await ask(basic('my-key'), { query })).data).toEqual({
      videoRestore: { status: 'UNKNOWN' },
      upstreamBudget: { writes: { remaining: null, limitPerMinute: null } },
    });
  });

  test('a key and a token of one project share its reads', async () => {
    await using started = await startTwoProjects({ READ_CACHE_SECONDS: '60' });
    const { ask, token, sandbox } = started;
    const bearer = await token('my-key');
    await ask(basic('my-key'), LIST);
    await ask(bearer, LIST);
    expect(
      sandbox.requests.filter(({ path, query }) => path === '/videos' && query.get('pageSize') !== '1'),
    ).toHaveLength(1);
  });
});

describe('a token that names a project', () => {
  test('is not believed before upstream has accepted it, though the project’s pages are at hand', async () => {
    await using started = await startTwoProjects({ READ_CACHE_SECONDS: '60' });
    const { ask, token, mine } = started;
    const theirs = await token('their-key');
    const { data } = await ask(basic('my-key'), LIST);
    expect(JSON.stringify(data)).toContain(mine.videoId);
    const { status, errors } = await ask(forge(theirs, 'prSandbox'), LIST);
    expect([status, errors[0]?.extensions]).toEqual([401, { code: 'UNAUTHENTICATED' }]);
  });

  test('costs one read before the first request, and none for a second', async () => {
    await using started = await startTwoProjects();
    const { ask, token, sandbox } = started;
    const bearer = await token('my-key');
    const query = '{ viewer { canRead } videoRestore { status } }';
    await Promise.all([ask(bearer, { query }), ask(bearer, { query })]);
    await ask(bearer, { query });
    expect(sandbox.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /videos']);
  });

  test('is refused for a moment without asking upstream again', async () => {
    await using started = await startTwoProjects();
    const { ask, token, sandbox } = started;
    for (const authorization of [forge(await token('my-key'), 'prTheirs'), basic('wrong-key')]) {
      sandbox.clearRequests();
      const statuses = [];
      for (let turn = 0; turn < 3; turn += 1) statuses.push((await ask(authorization, LIST)).status);
      expect(statuses).toEqual([401, 401, 401]);
      expect(sandbox.requests).toHaveLength(1);
    }
  });

  test('ends with upstream’s 401, also for what would cost no call', async () => {
    await using started = await startTwoProjects();
    const { ask, token, sandbox } = started;
    const bearer = await token('my-key');
    expect((await ask(bearer, LIST)).status).toBe(200);
    sandbox.revokeTokens();
    expect(
      (await ask(bearer, { query: '{ videos(first: 3) { totalCount } }' })).errors[0]?.extensions,
    ).toEqual({ code: 'UPSTREAM_UNAUTHORIZED' });
    expect((await ask(bearer, { query: '{ videoRestore { status } }' })).status).toBe(401);
  });
});

test('an expired token of a key is renewed by the gateway, and the batch goes on', async () => {
  await using started = await startTwoProjects();
  const { ask, sandbox, mine } = started;
  await ask(basic('my-key'), LIST);
  sandbox.revokeTokens();
  const { data } = await ask(basic('my-key'), { query: DELETE, variables: { ids: [mine.videoId] } });
  expect(data).toMatchObject({ deleteVideos: { results: [{ __typename: 'VideoRemoved' }] } });
});

test('where upstream cannot say who it is, that is no refusal', async () => {
  await using started = await startTwoProjects();
  const { ask, sandbox } = started;
  sandbox.setFault(() => ({ kind: 'reset', acts: false }));
  const { errors } = await ask(basic('my-key'), LIST);
  expect(errors[0]?.extensions).toEqual({ code: 'UPSTREAM_UNAVAILABLE' });
});

test('/ready tells nobody of the projects of callers', async () => {
  await using started = await startTwoProjects();
  const { ask, gateway } = started;
  await ask(basic('my-key'), LIST);
  const response = await gateway.fetch('http://127.0.0.1/ready');
  const upstream = { circuit: 'closed' };
  expect([response.status, await response.json()]).toEqual([200, { status: 'ready', upstream }]);
});
