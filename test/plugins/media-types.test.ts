// What a request may be sent as, and what its answer may be: Content-Type, Content-Encoding and Accept. A request that is
// refused has deleted nothing.
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createVideos } from '../support/create-videos.ts';
import { startListeningGateway } from '../support/listening-gateway.ts';

const JSON_TYPE = 'application/json; charset=utf-8';
const TEXT_TYPE = 'text/plain; charset=utf-8';
const RESPONSE_TYPE = 'application/graphql-response+json; charset=utf-8';

/** A deletion, with these headers. */
async function sendDeletion(
  headers: Record<string, string | undefined>,
  encode = (text: string) => Buffer.from(text),
) {
  const { videos, ids } = createVideos(1);
  await using started = await startListeningGateway({ videos, env: { VIDEO_RESTORE: 'on' } });
  const query = 'mutation ($ids: [ID!]!) { deleteVideos(ids: $ids) { summary { succeeded } } }';
  const answer = await started.send({
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: [encode(JSON.stringify({ query, variables: { ids } }))],
  });
  return { ...answer, type: answer.headers['content-type'], calls: started.calls() };
}

describe('a body is taken with the content type', () => {
  test.each([
    'application/json',
    'Application/JSON; Charset=UTF-8',
    'application/json ;charset=utf-8',
    'application/json; charset="utf-8"',
    'application/json;charset=utf8',
    'application/json; charset=US-ASCII',
    'application/json;',
    'application/json; profile=x; charset=utf-8',
    'APPLICATION/GRAPHQL+JSON',
  ])('%s', async (type) => {
    const { status, body } = await sendDeletion({ 'content-type': type });

    expect(status).toBe(200);
    expect(JSON.parse(body)).toEqual({ data: { deleteVideos: { summary: { succeeded: 1 } } } });
  });

  test.each(['identity', 'IDENTITY', 'identity, identity', ''])('and the encoding "%s"', async (encoding) => {
    const { status, calls } = await sendDeletion({ 'content-encoding': encoding });

    expect(status).toBe(200);
    expect(calls.filter((call) => call.startsWith('DELETE'))).toHaveLength(1);
  });

  test('with a byte order mark', async () => {
    const { status } = await sendDeletion({}, (text) => Buffer.from(`\ufeff${text}`));

    expect(status).toBe(200);
  });
});

describe('a body is refused with 415, which says what is taken:', () => {
  test.each([
    'application/json; charset=iso-8859-1',
    'application/json; charset=utf-16',
    'application/json; charset=latin1; charset=utf-8',
    'application/x-json',
    'application',
  ])('the content type %s', async (type) => {
    const { status, body, headers, calls } = await sendDeletion({ 'content-type': type });

    expect(status).toBe(415);
    expect(JSON.parse(body).errors).toMatchObject([
      {
        message: `Expected a body with content type application/json, in UTF-8, and got ${JSON.stringify(type)}.`,
        extensions: { code: 'BAD_USER_INPUT' },
      },
    ]);
    expect(headers.accept).toBe('application/json, application/graphql+json');
    expect(calls).toEqual([]);
  });

  test.each([
    'gzip',
    'x-gzip',
    'GZIP',
    'deflate',
    'br',
    'zstd',
    'gzip, gzip',
    'identity, gzip',
    'compress',
    'junk',
  ])('the encoding %s', async (encoding) => {
    const { status, body, headers, calls } = await sendDeletion({ 'content-encoding': encoding }, gzipSync);

    expect(status).toBe(415);
    expect(JSON.parse(body).errors).toMatchObject([
      {
        message: `Expected a body that is not compressed, and got one with Content-Encoding "${encoding}".`,
        extensions: { code: 'BAD_USER_INPUT' },
      },
    ]);
    expect(headers['accept-encoding']).toBe('identity');
    expect(calls).toEqual([]);
  });

  test.each([
    [undefined, 'none'],
    [`text/plain; x="\u0085${'y'.repeat(200)}`, `"text/plain; x=\\"?${'y'.repeat(64)}…"`],
  ])('and shows what came, printable and short: %j', async (type, got) => {
    const { body } = await sendDeletion({ 'content-type': type });

    expect(JSON.parse(body).errors[0].message).toContain(`in UTF-8, and got ${got}.`);
  });

  test('in the kind of JSON that the client prefers', async () => {
    const wrong = { 'content-encoding': 'gzip' };

    expect((await sendDeletion(wrong)).type).toBe(JSON_TYPE);
    expect((await sendDeletion({ ...wrong, accept: 'application/graphql-response+json' })).type).toBe(
      RESPONSE_TYPE,
    );
    expect((await sendDeletion({ ...wrong, accept: 'application/json' })).type).toBe(JSON_TYPE);
  });
});

describe('an answer has the type that the client prefers, if Accept is', () => {
  test.each([
    [undefined, JSON_TYPE],
    ['', JSON_TYPE],
    ['*/*', JSON_TYPE],
    ['*', JSON_TYPE],
    ['application/*', JSON_TYPE],
    ['Application/JSON', JSON_TYPE],
    ['application/json; charset="UTF-8"', JSON_TYPE],
    ['application/json;charset=utf8', JSON_TYPE],
    ['application/json, text/plain, */*', JSON_TYPE],
    ['text/html, image/gif, *; q=.2, */*; q=.2', JSON_TYPE],
    ['application/json;q=junk', JSON_TYPE],
    ['application/json;q=7', JSON_TYPE],
    ['junk', JSON_TYPE],
    [',,;q=1', JSON_TYPE],
    ['application/graphql-response+json', RESPONSE_TYPE],
    ['APPLICATION/GRAPHQL-RESPONSE+JSON ; Q=0.5', RESPONSE_TYPE],
    ['application/graphql-response+json,application/json;q=0.9', RESPONSE_TYPE],
    ['application/json;q=0.9,application/graphql-response+json', RESPONSE_TYPE],
    ['application/graphql-response+json, */*', RESPONSE_TYPE],
    ['application/json;q=0, */*', RESPONSE_TYPE],
    ['application/json;charset=utf-16, application/*;q=0.1', RESPONSE_TYPE],
    ['application/graphql-response+json;q=0, application/*', JSON_TYPE],
    ['application/json, multipart/mixed, text/event-stream', JSON_TYPE],
    ['text/event-stream', 'text/event-stream'],
  ])('%s', async (accept, expected) => {
    const { status, type } = await sendDeletion({ accept });

    expect({ status, type }).toEqual({ status: 200, type: expected });
  });
});

describe('nothing is executed, and the answer is 406, if Accept is', () => {
  test.each([
    ['text/html', TEXT_TYPE],
    ['text/html, application/xhtml+xml', TEXT_TYPE],
    ['text/plain', TEXT_TYPE],
    ['application/xml', JSON_TYPE],
    ['application/json;q=0', JSON_TYPE],
    ['application/json; charset=utf-16', JSON_TYPE],
    ['*/*;q=0', JSON_TYPE],
    ['application/*;q=0.0, text/plain', TEXT_TYPE],
  ])('%s', async (accept, expected) => {
    const { status, type, body, calls } = await sendDeletion({ accept });

    expect({ status, type }).toEqual({ status: 406, type: expected });
    expect(body).toContain('Expected one of application/json, application/graphql-response+json');
    if (type?.includes('json'))
      expect(JSON.parse(body).errors[0].extensions).toEqual({ code: 'BAD_USER_INPUT' });
    else expect(body).not.toContain('{');
    expect(calls).toEqual([]);
  });

  test('of a browser that opens the address while GraphiQL is off', async () => {
    await using started = await startListeningGateway({ env: { GRAPHIQL: 'off' } });

    const strict = await started.send({ headers: { accept: 'text/html' } });
    const usual = await started.send({ headers: { accept: 'text/html,application/xml;q=0.9,*/*;q=0.8' } });

    expect(strict).toMatchObject({
      status: 406,
      body: expect.stringContaining('This is a GraphQL endpoint.'),
    });
    expect(usual).toMatchObject({ status: 400, body: expect.stringContaining('Expected a document') });
  });
});
