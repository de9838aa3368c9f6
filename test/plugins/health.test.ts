import { expect, test } from 'vitest';
import { DeleteVideosLeanDocument } from '../generated/test-documents.ts';
import { createVideos } from '../support/create-videos.ts';
import { startListeningGateway } from '../support/listening-gateway.ts';
import { startTestGateway, type TestGateway } from '../support/test-gateway.ts';

async function ask({ gateway }: TestGateway, path: string): Promise<{ status: number; json: unknown }> {
  const response = await gateway.fetch(`http://127.0.0.1${path}`);
  const text = await response.text();
  return { status: response.status, json: text === '' ? undefined : JSON.parse(text) };
}

test('answers /health with 200 from the first moment to the last, and asks upstream nothing', async () => {
  await using started = await startTestGateway();
  const { gateway, sandbox } = started;

  for (const status of ['starting', 'ready', 'draining'] as const) {
    gateway.readiness.status = status;
    expect(await ask(started, '/health')).toEqual({ status: 200, json: undefined });
  }
  expect(sandbox.requests).toEqual([]);
});

test('answers /ready with 200 only when it is ready, and reports upstream’s state without asking it', async () => {
  await using started = await startTestGateway();
  const { gateway, sandbox } = started;
  const upstream = { circuit: 'closed', videoRestore: 'UNKNOWN', waiting: 0, inFlight: 0 };

  gateway.readiness.status = 'starting';
  expect(await ask(started, '/ready')).toEqual({ status: 503, json: { status: 'starting', upstream } });
  gateway.readiness.status = 'ready';
  expect(await ask(started, '/ready')).toEqual({ status: 200, json: { status: 'ready', upstream } });
  gateway.drain();
  expect(await ask(started, '/ready')).toEqual({ status: 503, json: { status: 'draining', upstream } });
  expect(sandbox.requests).toEqual([]);
});

test('reports on /ready what a deletion showed of Video Restore', async () => {
  const { videos, ids } = createVideos(1);
  await using started = await startTestGateway({ videos });
  await started.execute(DeleteVideosLeanDocument, { ids });

  expect(await ask(started, '/ready')).toMatchObject({ json: { upstream: { videoRestore: 'ENABLED' } } });
});

test('stays ready while upstream fails', async () => {
  await using started = await startTestGateway();
  await started.sandbox.close();
  await started.post({ query: '{ videos { totalCount } }' });

  expect(await ask(started, '/ready')).toMatchObject({ status: 200, json: { status: 'ready' } });
});

test('announces the length of each answer, whatever was answered before', async () => {
  await using started = await startListeningGateway();
  const { gateway, send } = started;
  const probe = async (path: string) => {
    const { headers, body } = await send({ path });
    return { announced: Number(headers['content-length'] ?? 0), sent: Buffer.byteLength(body), body };
  };

  const answers = [await probe('/health'), await probe('/ready'), await probe('/health')];
  gateway.readiness.status = 'draining';
  answers.push(await probe('/ready'), await probe('/health'));

  for (const { announced, sent } of answers) expect(announced).toBe(sent);
  expect(answers.map(({ body }) => /"status":"(\w+)"/.exec(body)?.[1])).toEqual([
    undefined,
    'ready',
    undefined,
    'draining',
    undefined,
  ]);
}, 5_000);

test('lets nobody store what a probe was answered', async () => {
  await using started = await startTestGateway();
  const { gateway } = started;

  for (const path of ['/health', '/ready', '/ready?verbose']) {
    const response = await gateway.fetch(`http://127.0.0.1${path}`);
    expect(response.headers.get('cache-control')).toBe('no-store');
  }
});
