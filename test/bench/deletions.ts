// Deleting many videos through the gateway, against a bare undici pool of the same concurrency that does nothing but send.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { pino } from 'pino';
import { Pool } from 'undici';
import { readConfig } from '../../src/config.ts';
import { createGateway } from '../../src/gateway.ts';

/** Requests to upstream at once: the gateway's default, and the pool's connections. */
export const CONCURRENCY = 50;

export type DeletionsResult = {
  readonly count: number;
  readonly bareMs: number;
  readonly gatewayMs: number;
  readonly ratio: number;
};

/** Runs both in turn, several rounds; answers the medians, and the median of the ratios round by round. */
export async function benchDeletions(count: number, latencyMs: number, rounds = 5): Promise<DeletionsResult> {
  const upstream = fork(new URL('./upstream.ts', import.meta.url), [
    JSON.stringify({ count: count * 2 * (rounds + 1), latencyMs }),
  ]);
  const [{ url, ids }] = await once(upstream, 'message');
  const gateway = createGateway(
    {
      ...readConfig({ APIVIDEO_API_KEY: 'sandbox-key', APIVIDEO_BASE_URL: url }, { sandbox: false }),
      apiKey: 'sandbox-key',
    },
    pino({ level: 'silent' }),
  );
  const server = createServer(gateway.handle).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const client = new Pool(`http://127.0.0.1:${port}`);
  const bare = new Pool(url, { connections: CONCURRENCY });
  const authorization = `Basic ${Buffer.from('sandbox-key:').toString('base64')}`;

  const take = (): string[] => ids.splice(0, count);
  async function deleteBare(): Promise<void> {
    await Promise.all(
      take().map(async (id) => {
        const { statusCode, body } = await bare.request({
          method: 'DELETE',
          path: `/videos/${id}`,
          headers: { authorization },
        });
        await body.dump();
        if (statusCode !== 204) throw new Error(`expected 204, got ${statusCode}`);
      }),
    );
  }
  async function deleteThroughGateway(): Promise<void> {
    const { body } = await client.request({
      method: 'POST',
      path: '/graphql',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        query:
          'mutation ($ids: [ID!]!) { deleteVideos(ids: $ids) { summary { succeeded } results { __typename videoId } } }',
        variables: { ids: take() },
      }),
    });
    const answer = Object(await body.json());
    if (answer.data?.deleteVideos?.summary.succeeded !== count)
      throw new Error(JSON.stringify(answer).slice(0, 500));
  }

  const timings: { bareMs: number; gatewayMs: number }[] = [];
  await deleteBare();
  await deleteThroughGateway();
  for (let round = 0; round < rounds; round += 1) {
    timings.push({ bareMs: await time(deleteBare), gatewayMs: await time(deleteThroughGateway) });
  }
  server.closeAllConnections();
  server.close();
  await Promise.all([bare.close(), client.close(), gateway.close()]);
  upstream.disconnect();
  return {
    count,
    bareMs: median(timings.map(({ bareMs }) => bareMs)),
    gatewayMs: median(timings.map(({ gatewayMs }) => gatewayMs)),
    ratio: median(timings.map(({ bareMs, gatewayMs }) => gatewayMs / bareMs)),
  };
}

async function time(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
