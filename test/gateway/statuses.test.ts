// The HTTP status of every kind of answer, for clients of GraphQL over HTTP and for those that know only application/json:
// the same in every mode, so that a frontend gets in production what it got in development.
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createToken, JWT, key, SECRET } from '../support/issue-jwt.ts';
import { type Case, DOCUMENTS, PAGE, REQUESTS, VARIABLES } from '../support/status-cases.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const ALL = [...DOCUMENTS, ...VARIABLES, ...REQUESTS];

const KEY = `Basic ${Buffer.from('sandbox-key:').toString('base64')}`;
const PASSTHROUGH = { AUTH: 'passthrough', APIVIDEO_API_KEY: '' };

async function toResult(
  started: Awaited<ReturnType<typeof startTestGateway>>,
  { search, body, init }: Case,
  headers: Record<string, string>,
) {
  const given: RequestInit =
    init ??
    (search === undefined
      ? { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
      : {});
  const response = await started.gateway.fetch(`http://127.0.0.1/graphql${search ?? ''}`, {
    ...given,
    headers: { ...Object.fromEntries(new Headers(given.headers)), ...headers },
  });
  const { errors } = Object(await response.json());
  return { status: response.status, code: errors?.[0]?.extensions?.code };
}

async function check(
  started: Awaited<ReturnType<typeof startTestGateway>>,
  cases: readonly Case[],
  headers: Record<string, string> = {},
) {
  for (const each of cases) {
    const { name, code, statuses } = each;
    const [json, graphql] = [
      await toResult(started, each, { ...headers, accept: 'application/json' }),
      await toResult(started, each, { ...headers, accept: 'application/graphql-response+json' }),
    ];
    expect({ name, json, graphql }).toEqual({
      name,
      json: { status: statuses[0], code },
      graphql: { status: statuses[1], code },
    });
  }
}

test.each(['on', 'off'])('with INTROSPECTION=%s', async (INTROSPECTION) => {
  await using started = await startTestGateway({ env: { INTROSPECTION } });

  await check(started, ALL);
});

test.each(['on', 'off'])('with AUTH=passthrough and INTROSPECTION=%s', async (INTROSPECTION) => {
  await using started = await startTestGateway({ env: { INTROSPECTION, ...PASSTHROUGH } });

  await check(started, ALL, { authorization: KEY });
});

test.each(['on', 'off'])('with AUTH=jwt and INTROSPECTION=%s', async (INTROSPECTION) => {
  await using started = await startTestGateway({ env: { INTROSPECTION, ...JWT, JWT_SECRET: SECRET } });
  const token = await createToken({ scope: 'videos:read' }).sign(key(SECRET));

  await check(started, ALL, { authorization: `Bearer ${token}` });
});

test.each(['on', 'off'])('with PERSISTED_OPERATIONS and INTROSPECTION=%s', async (INTROSPECTION) => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'manifest-'));
  const path = join(folder.path, 'manifest.json');
  await writeFile(path, JSON.stringify({ page: PAGE, wrong: '{ videos(first: -1) { totalCount } }' }));
  await using started = await startTestGateway({ env: { INTROSPECTION, PERSISTED_OPERATIONS: path } });
  const byId = (sha256Hash: string) => ({ extensions: { persistedQuery: { version: 1, sha256Hash } } });

  await check(started, [
    { name: 'data', body: { ...byId('page'), variables: { first: 1 } }, statuses: [200, 200] },
    { name: 'no data', body: byId('wrong'), statuses: [200, 200], code: 'BAD_USER_INPUT' },
    { name: 'an unknown id', body: byId('other'), statuses: [400, 400], code: 'BAD_USER_INPUT' },
    { name: 'no id', body: {}, statuses: [400, 400], code: 'BAD_USER_INPUT' },
    { name: 'a document', body: { query: PAGE }, statuses: [403, 403], code: 'FORBIDDEN' },
    ...VARIABLES.map((each) => ({
      ...each,
      body: { ...Object(each.body), query: undefined, ...byId('page') },
    })),
    ...REQUESTS,
  ]);
});

test.each([
  ['passthrough', PASSTHROUGH],
  ['jwt', { ...JWT, JWT_SECRET: SECRET }],
])('without credentials, with AUTH=%s: 401 for every request', async (_mode, env) => {
  await using started = await startTestGateway({ env });
  const isRead = ({ init }: Case) => init?.method !== 'PUT';
  const cases = ALL.filter(isRead);

  await check(
    started,
    cases.map((each) => ({ ...each, statuses: [401, 401] as const, code: 'UNAUTHENTICATED' })),
  );
});

test.each(['on', 'off'])(
  'credentials that api.video refuses are 401 too, with INTROSPECTION=%s',
  async (INTROSPECTION) => {
    await using started = await startTestGateway({ env: { INTROSPECTION, ...PASSTHROUGH } });

    await check(
      started,
      [{ name: 'data', body: { query: '{ __typename }' }, statuses: [401, 401], code: 'UNAUTHENTICATED' }],
      { authorization: `Basic ${Buffer.from('wrong-key:').toString('base64')}` },
    );
  },
);
