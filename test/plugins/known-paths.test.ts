// A path is what was sent, letter by letter: a rule of a proxy for `/graphql` must see the path that the gateway sees.
import { expect, test } from 'vitest';
import { startListeningGateway } from '../support/listening-gateway.ts';
import { openConnection, readStatuses } from '../support/raw-connection.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const DELETION = JSON.stringify({
  query: 'mutation { deleteVideos(ids: ["vi1"]) { summary { requested } } }',
});
const NOTHING = {
  errors: [
    {
      message: 'There is nothing at this path. The paths are /graphql, /health, /ready, /metrics.',
      extensions: { code: 'BAD_USER_INPUT' },
    },
  ],
};

test.each([
  '/graphq',
  '/graphql2',
  '/graphql/',
  '/graphql/x',
  '/graphql/.',
  '/graphql/../graphql',
  '/x/graphql',
  '/x/../graphql',
  '//graphql',
  '/./graphql',
  '/%67raphql',
  '/GRAPHQL',
  '/graphql;x',
  '/graphql%3F',
  '/graphql#',
  '/graphql\\',
  '/%3F/graphql',
  '/graphiql/',
  '/x?y=/graphql',
  '/favicon.ico',
  '/health/',
  '//health',
  '/health/x',
  '/./ready',
  '/ready2',
  '/Ready',
  '/x/../metrics',
  '/../etc/passwd',
  '/%00',
])('answers 404 at %s, names the paths, and executes nothing', async (path) => {
  await using started = await startListeningGateway();
  const { sandbox, send } = started;
  const headers = { 'content-type': 'application/json' };

  const answers = await Promise.all([
    send({ path }),
    send({ path, headers: { accept: 'text/html' } }),
    send({ path, method: 'POST', headers, body: [DELETION] }),
  ]);

  const [program, page, post] = answers;
  for (const answer of [program, post]) {
    expect(answer.status).toBe(404);
    expect(answer.headers['content-type']).toContain('application/json');
    expect(JSON.parse(answer.body)).toEqual(NOTHING);
  }
  expect(page.status).toBe(404);
  expect(page.body).toContain('There is nothing at this path.');
  for (const each of ['/graphql', '/health', '/ready', '/metrics'])
    expect(page.body).toContain(`href="${each}"`);
  expect(sandbox.requests).toEqual([]);
});

test.each([
  ['/graphql?query={__typename}', 200],
  ['/graphql?', 400],
  ['/health', 200],
  ['/health?x=/y', 200],
  ['/ready?x', 200],
  ['/metrics?', 200],
])('answers %s', async (path, status) => {
  await using started = await startListeningGateway();

  expect((await started.send({ path })).status).toBe(status);
});

test('does not name metrics if there are none', async () => {
  await using started = await startListeningGateway({ env: { METRICS: 'off' } });

  const { status, body } = await started.send({ path: '/metrics' });

  expect(status).toBe(404);
  expect(body).toContain('The paths are /graphql, /health, /ready.');
});

test.each(['127.0.0.1/graphql?', '127.0.0.1/graphql#', 'x@127.0.0.1', '127.0.0.1\\graphql?', '127.0.0.1 '])(
  'takes no part of the path from the Host %s',
  async (host) => {
    await using started = await startListeningGateway();
    const { send, sandbox } = started;

    const answer = await send({ path: '/nowhere?query={videos{totalCount}}', headers: { host } });

    expect([400, 404]).toContain(answer.status);
    expect(sandbox.requests).toEqual([]);
  },
);

test('refuses a request with two hosts, of which a proxy may have seen the other', async () => {
  await using started = await startListeningGateway();
  using connection = await openConnection(started.port);

  connection.write('GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\nhost: localhost\r\n\r\n');

  expect(readStatuses(await connection.received(/HTTP/))).toEqual([400]);
});

test('knows the same paths without a socket', async () => {
  await using started = await startTestGateway();
  const ask = async (path: string) => (await started.gateway.fetch(`http://127.0.0.1${path}`)).status;

  expect(await ask('/x/../graphql?query={__typename}')).toBe(404);
  expect(await ask('/graphql?query={__typename}')).toBe(200);
  expect((await started.gateway.fetch(new URL('http://127.0.0.1/health'))).status).toBe(200);
});
