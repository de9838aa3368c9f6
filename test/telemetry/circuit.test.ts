// Whether api.video is down, as /ready and the metrics show it.
import { describe, expect, test } from 'vitest';
import { createVideo } from '../../src/sandbox/server.ts';
import { captureLog } from '../support/capture-log.ts';
import { eventually } from '../support/eventually.ts';
import { startTestGateway, type TestGateway } from '../support/test-gateway.ts';

const QUERY = { query: '{ videos { totalCount } }' };
const PASSTHROUGH = { APIVIDEO_API_KEY: '', AUTH: 'passthrough', METRICS: 'on', READ_CACHE_SECONDS: '0' };
const basic = (key: string) => ({
  headers: {
    'content-type': 'application/json',
    authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}`,
  },
});

async function read({ gateway }: TestGateway): Promise<{ circuit: unknown; gauge: string | undefined }> {
  const ready = await gateway.fetch('http://127.0.0.1/ready');
  expect(ready.status).toBe(200);
  const metrics = await (await gateway.fetch('http://127.0.0.1/metrics')).text();
  const [, gauge] = /^apivideo_graphql_upstream_circuit_open (\d)$/m.exec(metrics) ?? [];
  return { circuit: Object(await ready.json()).upstream.circuit, gauge };
}

const CLOSED = { circuit: 'closed', gauge: '0' };
const OPEN = { circuit: 'open', gauge: '1' };

describe('the circuit of api.video', () => {
  test('is open while every request fails, and closed once one succeeds, without a request for that', async () => {
    await using started = await startTestGateway({ env: { READ_CACHE_SECONDS: '0' } });
    const { post, sandbox } = started;
    await post(QUERY);
    expect(await read(started)).toEqual(CLOSED);

    sandbox.setFault(() => ({ kind: 'answer', acts: false, status: 503 }));
    for (let count = 0; count < 6; count += 1) await post(QUERY);
    const sent = sandbox.requests.length;
    expect(await read(started)).toEqual(OPEN);
    expect(sandbox.requests).toHaveLength(sent);

    sandbox.setFault(undefined);
    await eventually(async () => expect((await post(QUERY)).errors).toEqual([]));
    expect(await read(started)).toEqual(CLOSED);
  });

  test('is open while api.video fails every check of credentials, before any project is known', async () => {
    const { logger, lines } = captureLog('info');
    await using started = await startTestGateway({ logger, env: PASSTHROUGH, apiKey: 'my-key' });
    const { post, sandbox } = started;
    sandbox.setFault(() => ({ kind: 'answer', acts: false, status: 503 }));

    for (let count = 0; count < 6; count += 1) await post(QUERY, basic(`key${count}`));
    expect(await read(started)).toEqual(OPEN);

    sandbox.setFault(undefined);
    expect((await post(QUERY, basic('my-key'))).errors).toEqual([]);
    expect(await read(started)).toEqual(CLOSED);
    const outages = lines.filter(({ msg }) => /^api\.video (fails every|answers again)/.test(msg));
    expect(outages).toHaveLength(2);
    expect(outages.map(({ reason }) => reason)).toEqual(['upstream answered 503', undefined]);
  });

  test('is closed as soon as api.video answers any project of any caller', async () => {
    await using started = await startTestGateway({
      dialect: 'removed',
      apiKey: 'my-key',
      env: { ...PASSTHROUGH, APIVIDEO_DIALECT: 'removed' },
    });
    const { post, sandbox } = started;
    sandbox.addProject({ apiKey: 'their-key', projectId: 'prTheirs', videos: [createVideo()] });
    await post(QUERY, basic('their-key'));
    const theirs = sandbox.requests.at(-1)?.headers.authorization;
    sandbox.setFault(({ headers }) =>
      headers.authorization === theirs ? { kind: 'answer', acts: false, status: 503 } : undefined,
    );

    for (let count = 0; count < 6; count += 1) await post(QUERY, basic('their-key'));
    expect(await read(started)).toEqual(OPEN);
    expect((await post(QUERY, basic('my-key'))).errors).toEqual([]);
    expect(await read(started)).toEqual(CLOSED);
    expect((await post(QUERY, basic('their-key'))).errors).toHaveLength(1);
  });
});
