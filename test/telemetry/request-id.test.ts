import { describe, expect, test } from 'vitest';
import type { Gateway } from '../../src/gateway.ts';
import { captureLog } from '../support/capture-log.ts';
import { createVideos } from '../support/create-videos.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const LONGEST = 'x'.repeat(128);

async function ask(gateway: Gateway, requestId?: string): Promise<Response> {
  return gateway.fetch('http://127.0.0.1/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(requestId && { 'x-request-id': requestId }) },
    body: JSON.stringify({ query: '{ videos { totalCount } }' }),
  });
}

describe('the id of a request', () => {
  test.each(['7', 'order-4711.retry:2', '6f1c/9a+b=@host_1', LONGEST])(
    'is the one that the client sent: %s',
    async (id) => {
      await using started = await startTestGateway();
      const { gateway } = started;

      const response = await ask(gateway, id);

      expect(response.headers.get('x-request-id')).toBe(id);
    },
  );

  test.each(['a b', '"quoted"', '{"a":1}', '<b>', 'a;b', 'ä', `${LONGEST}x`])(
    'is a new one where the client sent what is not well-formed: %s',
    async (id) => {
      await using started = await startTestGateway();
      const { gateway, sandbox } = started;

      const response = await ask(gateway, id);

      expect(response.status).toBe(200);
      expect(response.headers.get('x-request-id')).toMatch(UUID);
      expect(sandbox.requests.map(({ headers }) => headers['x-request-id'])).not.toContain(id);
    },
  );

  test('is a new one for each request if the client sent none', async () => {
    await using started = await startTestGateway();
    const { gateway } = started;

    const ids = [await ask(gateway), await ask(gateway)].map(({ headers }) => headers.get('x-request-id'));

    expect(ids[0]).toMatch(UUID);
    expect(ids[1]).toMatch(UUID);
    expect(ids[0]).not.toBe(ids[1]);
  });

  test('is echoed by refusals and by /health too', async () => {
    await using started = await startTestGateway();
    const { gateway } = started;

    for (const path of ['/health', '/ready', '/nowhere', '/graphql?query={']) {
      const response = await gateway.fetch(`http://127.0.0.1${path}`, { headers: { 'x-request-id': 'r1' } });
      expect(response.headers.get('x-request-id')).toBe('r1');
    }
  });

  test('goes upstream with every call made for the request: token, probe, writes and reads', async () => {
    const { videos, ids } = createVideos(5);
    await using started = await startTestGateway({ videos });
    const { post, sandbox } = started;
    const query = 'mutation ($ids: [ID!]!) { deleteVideos(ids: $ids) { results { __typename } } }';
    const headers = { 'content-type': 'application/json', 'x-request-id': 'batch-1' };

    await post({}, { headers, body: JSON.stringify({ query, variables: { ids } }) });

    expect(sandbox.requests.length).toBeGreaterThan(ids.length);
    expect(new Set(sandbox.requests.map(({ method }) => method))).toEqual(new Set(['POST', 'GET', 'DELETE']));
    expect(sandbox.requests.map((request) => request.headers['x-request-id'])).toEqual(
      sandbox.requests.map(() => 'batch-1'),
    );
  });

  test('keeps requests apart that are answered at the same time', async () => {
    const { videos, ids } = createVideos(20);
    await using started = await startTestGateway({ videos, latencyMs: 5 });
    const { gateway, sandbox } = started;

    await Promise.all(
      ids.map((id) =>
        gateway.fetch('http://127.0.0.1/graphql', {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-request-id': `for-${id}` },
          body: JSON.stringify({ query: `{ video(id: "${id}") { title } }` }),
        }),
      ),
    );

    const reads = sandbox.requests.filter(({ videoId }) => videoId !== undefined);
    expect(reads).toHaveLength(ids.length);
    for (const { headers, videoId } of reads) expect(headers['x-request-id']).toBe(`for-${videoId}`);
  });

  test('stands in the log beside what went wrong', async () => {
    const { logger, lines } = captureLog('trace');
    await using started = await startTestGateway({ logger });
    const { gateway, sandbox } = started;
    sandbox.setFault(({ kind }) =>
      kind === 'auth' ? undefined : { kind: 'answer', acts: false, status: 500 },
    );

    await ask(gateway, 'the-one');

    expect(lines.map(({ msg }) => msg).join()).toContain('upstream answered 500 to GET /videos');
    for (const line of lines) expect(line.requestId).toBe('the-one');
  });
});
