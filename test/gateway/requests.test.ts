// What counts as a request: methods, content types, bodies and their size, paths. What does not sends nothing upstream.
import { describe, expect, test } from 'vitest';
import { createVideos } from '../support/create-videos.ts';
import { startListeningGateway } from '../support/listening-gateway.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const MIB = 1024 * 1024;

/** Refuses to be read as anything: a deletion in every form that a page can send without asking first. */
const DELETION = 'mutation { deleteVideos(ids: ["viSecret1"]) { summary { requested } } }';

function readErrors(body: string): { message: string; extensions: { code: string } }[] {
  const answer: { errors: { message: string; extensions: { code: string } }[] } = JSON.parse(body);
  return answer.errors;
}

describe('GET', () => {
  test('answers a query', async () => {
    const { videos } = createVideos(3);
    await using started = await startListeningGateway({ videos });
    const { send } = started;

    const answer = await send({ path: `/graphql?query=${encodeURIComponent('{ videos { totalCount } }')}` });

    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toEqual({ data: { videos: { totalCount: 3 } } });
  });

  test('takes variables and an operation name', async () => {
    const { videos, ids } = createVideos(1);
    await using started = await startListeningGateway({ videos });
    const { send } = started;
    const search = new URLSearchParams({
      query: 'query Other { videoRestore { status } } query One($id: ID!) { video(id: $id) { id } }',
      variables: JSON.stringify({ id: ids[0] }),
      operationName: 'One',
    });

    const answer = await send({ path: `/graphql?${search}` });

    expect(JSON.parse(answer.body)).toEqual({ data: { video: { id: ids[0] } } });
  });

  test('answers variables that are no JSON with 400', async () => {
    await using started = await startListeningGateway();
    const { sandbox, send } = started;

    const answer = await send({ path: '/graphql?query=%7B__typename%7D&variables=%7BsECRET' });

    expect(answer.status).toBe(400);
    expect(readErrors(answer.body)).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(answer.body).not.toContain('sECRET');
    expect(sandbox.requests).toEqual([]);
  });

  test('refuses a mutation with 405 and sends nothing', async () => {
    await using started = await startListeningGateway();
    const { sandbox, send } = started;

    const answer = await send({ path: `/graphql?query=${encodeURIComponent(DELETION)}` });

    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe('POST');
    expect(readErrors(answer.body)).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(sandbox.requests).toEqual([]);
  });
});

describe('refuses with 415, and executes nothing, a body', () => {
  const json = JSON.stringify({ query: DELETION });
  const multipart = `--x\r\ncontent-disposition: form-data; name="operations"\r\n\r\n${json}\r\n--x\r\ncontent-disposition: form-data; name="map"\r\n\r\n{}\r\n--x--\r\n`;

  test.each([
    [
      'that is a form',
      'application/x-www-form-urlencoded',
      new URLSearchParams({ query: DELETION }).toString(),
    ],
    ['in parts', 'multipart/form-data; boundary=x', multipart],
    ['of plain text', 'text/plain', json],
    ['of plain text that says JSON as its parameter', 'text/plain; application/json', json],
    ['of plain text in a list with JSON', 'text/plain, application/json', json],
    ['of a bare GraphQL document', 'application/graphql', DELETION],
    ['of JSON with another name', 'application/jsonx', json],
    ['of no content type', undefined, json],
    ['of an empty content type', '', json],
  ])('%s', async (_name, contentType, body) => {
    await using started = await startListeningGateway();
    const { sandbox, send } = started;
    const headers = contentType === undefined ? {} : { 'content-type': contentType };

    const answer = await send({ method: 'POST', headers, body: [body] });

    expect(answer.status).toBe(415);
    expect(readErrors(answer.body)).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(JSON.parse(answer.body)).not.toHaveProperty('data');
    expect(sandbox.requests).toEqual([]);
  });
});

describe('answers with 400, and echoes nothing of it, a body', () => {
  test.each([
    ['that is no JSON', '{"query": "{ sECRET", sECRET'],
    ['that is empty', ''],
    ['that is a number', '7'],
    ['that is a string', '"sECRET"'],
    ['that is null', 'null'],
    ['that is true', 'true'],
    ['without a query', '{"variables": {}}'],
    ['with a query that is an object', '{"query": {"sECRET": 1}}'],
    ['with variables that are a string', '{"query": "{ __typename }", "variables": "sECRET"}'],
    ['with variables that are an array', '{"query": "{ __typename }", "variables": ["sECRET"]}'],
    ['that is an empty batch', '[]'],
    ['that is a batch of very many operations', `[${Array(101).fill('{"query":"{__typename}"}').join(',')}]`],
    ['of JSON in UTF-16', Buffer.from('{"query": "{ __typename }"}', 'utf16le')],
    ['of JSON in Latin-1', Buffer.from('{"query": "{ __typename #\u00e9\n }"}', 'latin1')],
    ['with an operation name that is a number', '{"query": "{ __typename }", "operationName": 7}'],
    ['with extensions that are a string', '{"query": "{ __typename }", "extensions": "sECRET"}'],
    ['with extensions that are an array', '{"query": "{ __typename }", "extensions": ["sECRET"]}'],
    ['with an empty query', '{"query": ""}'],
    ['with its variables under another name', '{"query": "{ __typename }", "variabels": {"sECRET": 1}}'],
  ])('%s', async (_name, body) => {
    await using started = await startListeningGateway();
    const { sandbox, send } = started;

    for (const accept of ['application/json', 'application/graphql-response+json']) {
      const headers = { 'content-type': 'application/json', accept };
      const answer = await send({ method: 'POST', headers, body: [body] });

      expect(answer.status).toBe(400);
      expect(readErrors(answer.body)).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
      expect(answer.body).not.toContain('sECRET');
    }
    expect(sandbox.requests).toEqual([]);
  });
});

describe('a body over the cap of one MiB and the ids', () => {
  const headers = { 'content-type': 'application/json' };

  test('is refused by its Content-Length, before it is read', async () => {
    await using started = await startListeningGateway();
    const { sandbox, send } = started;

    const answer = await send({
      method: 'POST',
      headers: { ...headers, 'content-length': String(2 * MIB) },
      body: ['{"query": "'],
    });

    expect(answer.status).toBe(413);
    expect(readErrors(answer.body)).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(sandbox.requests).toEqual([]);
  });

  test('is refused in chunks as well, and is not read to its end', async () => {
    await using started = await startListeningGateway();
    const { sandbox, send } = started;
    const chunk = Buffer.alloc(64 * 1024, 'x');
    const total = 512 * MIB;
    let sent = 0;
    function* endless() {
      yield '{"query": "';
      for (; sent < total; sent += chunk.length) yield chunk;
    }

    const answer = await send({
      method: 'POST',
      headers: { ...headers, 'transfer-encoding': 'chunked' },
      body: endless(),
    });

    expect(answer.status).toBe(413);
    expect(readErrors(answer.body)).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    // What stands in the buffers of two sockets is sent before the answer comes; all of it would be 512 MiB.
    expect(sent).toBeLessThan(32 * MIB);
    expect(sandbox.requests).toEqual([]);
  });

  test('leaves a call of 1,000 ids of 64 characters far below it', async () => {
    await using started = await startListeningGateway({ env: { VIDEO_RESTORE: 'off' } });
    const { send } = started;
    const ids = Array.from({ length: 1000 }, (_, index) => String(index).padStart(64, 'a'));
    const query = 'mutation ($ids: [ID!]!) { deleteVideos(ids: $ids) { summary { requested } } }';

    const answer = await send({
      method: 'POST',
      headers,
      body: [JSON.stringify({ query, variables: { ids } })],
    });

    expect(JSON.parse(answer.body)).toEqual({ data: { deleteVideos: { summary: { requested: 1000 } } } });
  });
});

test.each(['PUT', 'PATCH', 'DELETE', 'OPTIONS'])('answers %s with 405', async (method) => {
  await using started = await startListeningGateway();
  const { sandbox, send } = started;

  const answer = await send({ method, headers: { 'content-type': 'application/json' } });

  expect(answer.status).toBe(405);
  expect(answer.headers.allow).toBe('GET, POST');
  expect(sandbox.requests).toEqual([]);
});

test('answers an address that is none with 400 and not with a stack', async () => {
  await using started = await startListeningGateway();
  const { port, send } = started;

  const answers = await Promise.all([
    send({ headers: { host: '127.0.0.1:port' } }),
    send({ headers: { host: 'a b' } }),
    send({ path: `http://127.0.0.1:${port}/graphql` }),
    send({ method: 'OPTIONS', path: '*' }),
  ]);

  expect(answers.map(({ status, body }) => ({ status, body }))).toEqual(
    answers.map(() => ({ status: 400, body: '' })),
  );
});

test('says nothing of itself in its headers', async () => {
  await using started = await startTestGateway();
  const { gateway } = started;

  for (const path of ['/graphql?query={__typename}', '/health', '/ready', '/nowhere']) {
    const { headers } = await gateway.fetch(`http://127.0.0.1${path}`);
    expect([...headers.keys()].filter((name) => /^(server|x-powered-by|x-yoga)/.test(name))).toEqual([]);
  }
});
