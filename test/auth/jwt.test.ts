// AUTH=jwt: callers bring a token of the deployment's identity provider, and its scopes decide field by field.
import { generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { createVideos } from '../support/create-videos.ts';
import { createToken, ISSUER, JWT, key, SECRET, startJwtGateway } from '../support/issue-jwt.ts';
import { startTestGateway } from '../support/test-gateway.ts';

describe('a token that is wrong is UNAUTHENTICATED, and nothing is sent:', () => {
  const hour = 3600;
  test.each<[string, () => Promise<string> | string | undefined]>([
    ['none', () => undefined],
    ['no JWT', () => 'abc'],
    ['another secret', () => createToken().sign(key('b'.repeat(40)))],
    ['another issuer', () => createToken().setIssuer('https://evil.example.com').sign(key(SECRET))],
    ['another audience', () => createToken().setAudience('billing').sign(key(SECRET))],
    [
      'expired',
      () =>
        createToken()
          .setExpirationTime(Math.floor(Date.now() / 1000) - 10)
          .sign(key(SECRET)),
    ],
    [
      'not valid yet',
      () =>
        createToken()
          .setNotBefore(Math.floor(Date.now() / 1000) + hour)
          .sign(key(SECRET)),
    ],
    [
      'without an expiry',
      () =>
        new SignJWT({})
          .setProtectedHeader({ alg: 'HS256' })
          .setIssuer(ISSUER)
          .setAudience('videos')
          .sign(key(SECRET)),
    ],
    [
      'not signed',
      () => new UnsecuredJWT({}).setIssuer(ISSUER).setAudience('videos').setExpirationTime('5m').encode(),
    ],
    [
      'signed with a key of its own',
      async () => {
        const { privateKey } = await generateKeyPair('RS256');
        return createToken({}, { alg: 'RS256' }).sign(privateKey);
      },
    ],
  ])('%s', async (_name, token) => {
    await using started = await startJwtGateway();
    const { ask, sandbox } = started;
    const { status, data, errors } = await ask(await token(), '{ videos { totalCount } }');
    expect([status, data, errors.map(({ extensions }) => extensions)]).toEqual([
      401,
      undefined,
      [{ code: 'UNAUTHENTICATED' }],
    ]);
    expect(sandbox.requests).toEqual([]);
  });
});

describe('scopes', () => {
  const EVERYTHING = `mutation ($ids: [ID!]!, $removed: [ID!]!) {
    deleteVideos(ids: $ids) { results { __typename ... on VideoRemoved { video { id title } } } }
    restoreVideos(ids: $removed) { results { __typename ... on VideoRestored { video { id } } } }
  }`;

  test('a field without its scope is FORBIDDEN alone, and nothing is sent for it', async () => {
    await using started = await startJwtGateway();
    const { askWith, sandbox, ids, removedIds } = started;
    const { status, data, errors } = await askWith('videos:restore videos:read', EVERYTHING, {
      ids,
      removed: removedIds,
    });
    expect([status, data]).toEqual([
      200,
      {
        deleteVideos: null,
        restoreVideos: { results: [{ __typename: 'VideoRestored', video: { id: removedIds[0] } }] },
      },
    ]);
    expect(errors).toMatchObject([
      {
        path: ['deleteVideos'],
        extensions: { code: 'FORBIDDEN' },
        message: expect.stringContaining('videos:delete'),
      },
    ]);
    expect(sandbox.requests.filter(({ method }) => method === 'DELETE')).toEqual([]);
    expect(ids.map((id) => sandbox.state(id))).toEqual(['live', 'live']);
  });

  test('who may delete and not read is told what happened, and shown no title', async () => {
    await using started = await startJwtGateway();
    const { askWith, sandbox, ids } = started;
    const { data, errors } = await askWith('videos:delete', EVERYTHING, { ids, removed: [] });
    expect(data).toEqual({
      deleteVideos: {
        results: ids.map((id) => ({ __typename: 'VideoRemoved', video: { id, title: null } })),
      },
      restoreVideos: null,
    });
    expect(errors.map(({ extensions }) => extensions)).toEqual([1, 2, 3].map(() => ({ code: 'FORBIDDEN' })));
    expect(ids.map((id) => sandbox.state(id))).toEqual(['removed', 'removed']);
  });

  test.each([
    '{ videos { totalCount } }',
    '{ removedVideos { totalCount } }',
    '{ video(id: "viA") { id } }',
    '{ node(id: "viA") { id } }',
    '{ nodes(ids: ["viA"]) { id } }',
  ])('%s requires videos:read', async (query) => {
    await using started = await startJwtGateway();
    const { askWith, sandbox } = started;
    const { errors } = await askWith('videos:delete videos:restore videos:readx', query);
    expect(errors.map(({ extensions }) => extensions)).toEqual([{ code: 'FORBIDDEN' }]);
    expect(sandbox.requests).toEqual([]);
    expect((await askWith('openid videos:read', query)).errors).toEqual([]);
  });

  test('nodes is refused as a whole, and leaves the fields beside it', async () => {
    await using started = await startJwtGateway();
    const { askWith } = started;
    const { data, errors } = await askWith(
      '',
      '{ nodes(ids: ["viA", "viB"]) { id } videoRestore { status } viewer { canRead } }',
    );
    expect(data).toEqual({ nodes: null, videoRestore: { status: 'UNKNOWN' }, viewer: { canRead: false } });
    expect(errors.map(({ path }) => path)).toEqual([['nodes']]);
  });

  test('more ids than MAX_IDS are one error, and no burden', async () => {
    await using started = await startJwtGateway();
    const { askWith } = started;
    const ids = Array.from({ length: 40_000 }, () => 'viA');
    const { errors } = await askWith('', 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids });
    expect(errors.map(({ extensions }) => extensions)).toEqual([{ code: 'FORBIDDEN' }]);
  });

  test.each([
    [{ scope: 'videos:read videos:delete' }, { canRead: true, canDelete: true, canRestore: false }],
    [{ scp: ['videos:restore'] }, { canRead: false, canDelete: false, canRestore: true }],
    [{ scp: 'videos:read' }, { canRead: true, canDelete: false, canRestore: false }],
    [
      { scope: 7, scp: { 'videos:read': true } },
      { canRead: false, canDelete: false, canRestore: false },
    ],
    [{}, { canRead: false, canDelete: false, canRestore: false }],
  ])('viewer tells beforehand what %j allows', async (claims, expected) => {
    await using started = await startJwtGateway();
    const { ask } = started;
    const token = await createToken(claims).sign(key(SECRET));
    const { data } = await ask(token, '{ viewer { canRead canDelete canRestore maxIds } }');
    expect(data).toEqual({ viewer: { ...expected, maxIds: 1000 } });
  });
});

test('the audit says who, and no line shows the token', async () => {
  const lines: string[] = [];
  const { videos, ids } = createVideos(1);
  await using started = await startTestGateway({
    dialect: 'removed',
    videos,
    env: { ...JWT, JWT_SECRET: SECRET },
    logger: pino({ level: 'info' }, { write: (line: string) => void lines.push(line) }),
  });
  const { post } = started;
  const token = await createToken({ scope: 'videos:delete' }).sign(key(SECRET));
  await post(
    {
      query: 'mutation ($ids: [ID!]!) { deleteVideos(ids: $ids) { summary { succeeded } } }',
      variables: { ids },
    },
    { headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` } },
  );
  const audit = lines.map((line) => Object(JSON.parse(line))).filter((line) => line.audit);
  expect(audit).toMatchObject([{ caller: 'ann', act: 'delete', videoId: ids[0], outcome: 'removed' }]);
  expect(lines.join()).not.toContain(token);
});
