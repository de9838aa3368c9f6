// The signal of a request: what it is watched for, and for how long.
import { getEventListeners } from 'node:events';
import { request } from 'node:http';
import { expect, test } from 'vitest';
import { captureLog } from '../support/capture-log.ts';
import { createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { startListeningGateway } from '../support/listening-gateway.ts';
import { startTestGateway } from '../support/test-gateway.ts';

/** Anew for each request: Yoga adds to the object that it is given. */
const createHeaders = () => ({ 'content-type': 'application/json' });
const DELETE =
  'mutation ($ids: [ID!]!) { deleteVideos(ids: $ids, options: { ifPermanent: ALLOW }) { results { __typename } } }';

test('a signal that many requests share keeps nothing of them', async () => {
  await using started = await startTestGateway(createVideos(1));
  const { signal } = new AbortController();
  for (let count = 0; count < 20; count += 1) await started.post({ query: '{ __typename }' }, { signal });

  await eventually(() => expect(getEventListeners(signal, 'abort')).toEqual([]));
});

test('nothing is sent for a request whose signal was aborted before it began', async () => {
  const { videos, ids } = createVideos(1);
  const { logger, lines } = captureLog('info');
  await using started = await startTestGateway({ videos, logger });
  const body = JSON.stringify({ query: DELETE, variables: { ids } });
  const init = { method: 'POST', headers: createHeaders(), body, signal: AbortSignal.abort() };

  await expect(started.gateway.fetch('http://127.0.0.1/graphql', init)).rejects.toThrow('aborted');
  await eventually(() => expect(lines).toContainEqual(expect.objectContaining({ type: 'mutation' })));

  expect(started.sandbox.requests).toEqual([]);
});

test('a client that leaves while api.video checks its key makes room for the next one', async () => {
  await using started = await startListeningGateway({
    env: { AUTH: 'passthrough', APIVIDEO_API_KEY: '', MAX_REQUESTS: '1', UPSTREAM_TIMEOUT_MS: '60000' },
  });
  const { sandbox, origin, send } = started;
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  sandbox.setFault(() => {
    resolve();
    return { kind: 'hang', acts: false };
  });
  const authorization = `Basic ${Buffer.from('sandbox-key:').toString('base64')}`;
  const headers = { ...createHeaders(), authorization };
  const client = request(`${origin}/graphql`, { method: 'POST', headers, agent: false });
  client.on('error', () => {});
  client.end('{"query":"{ __typename }"}');
  await asked;
  expect((await send({ method: 'POST', headers: { host: '127.0.0.1' } })).status).toBe(503);

  client.destroy();

  await eventually(async () =>
    expect((await send({ method: 'POST', headers: { host: '127.0.0.1' } })).status).toBe(401),
  );
});
