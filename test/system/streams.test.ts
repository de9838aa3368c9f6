// A subscription through nginx as docs/proxies.md configures it, with nginx's own defaults for buffering.
import { request } from 'node:https';
import { expect, test } from 'vitest';
import { createVideos } from '../support/create-videos.ts';
import { startListeningGateway } from '../support/listening-gateway.ts';
import { startOperation } from '../support/start-operation.ts';
import { HOST_NAME, readProxySettings, startProxy } from './proxy-process.ts';

test('nginx passes each event on while the stream is open', async () => {
  const { videos, ids } = createVideos(20);
  await using started = await startListeningGateway({
    store: { kind: 'memory' },
    videos,
    // It goes on for longer than the test.
    limits: { reads: 500, writes: 5 },
    env: { VIDEO_RESTORE: 'on', ALLOW_UNAUTHENTICATED: 'true', ...readProxySettings('nginx') },
  });
  await using proxy = await startProxy('nginx', [started.port]);
  const id = await startOperation(started.post, ids);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const message = request({
    host: '127.0.0.1',
    port: proxy.port,
    method: 'POST',
    path: '/video-api/graphql',
    ca: proxy.certificate,
    servername: HOST_NAME,
    headers: { host: HOST_NAME, 'content-type': 'application/json', accept: 'text/event-stream' },
  });
  message.once('error', reject).once('response', (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (part) => {
      text += part;
      if (/data: .*\n\n/.test(text)) resolve(text);
    });
  });
  const query = 'subscription ($id: ID!) { operation(id: $id) { status } }';
  message.end(JSON.stringify({ query, variables: { id } }));
  expect(await promise).toMatch(/"status":"(QUEUED|RUNNING)"/);
  message.destroy();
}, 60_000);
