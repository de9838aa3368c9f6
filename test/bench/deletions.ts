// Deleting many videos in one call of the gateway, against clients that do nothing but send: a bare undici pool of the same
// concurrency, and api.video's own client; each one by one, and all at once.
import ApiVideoClient from '@api.video/nodejs-client';
import { Pool } from 'undici';
import { type BenchUpstream, startUpstream, videoIdAt } from './bench-upstream.ts';
import { type BenchGateway, startGateway } from './start-gateway.ts';
import { time } from './timing.ts';

/** Writes to upstream at once: the gateway's default, and the pool's connections. */
export const CONCURRENCY = 5;

const WAYS = ['gateway', 'poolAtOnce', 'clientAtOnce', 'poolOneByOne', 'clientOneByOne'] as const;
type Way = (typeof WAYS)[number];

export type DeletionsResult = {
  /** Milliseconds, round by round. */
  readonly ms: Record<Way, number[]>;
  /** What upstream saw of the gateway's last call. */
  readonly calls: { readonly deletes: number; readonly all: number };
};

const DELETE = `mutation ($ids: [ID!]!) {
  deleteVideos(ids: $ids) { summary { succeeded } results { __typename videoId } }
}`;

/** @param options - `rounds` of those at once; those one by one take long, and have `oneByOneRounds`. */
export async function benchDeletions(
  count: number,
  options: { latencyMs: number; rounds: number; oneByOneRounds: number },
): Promise<DeletionsResult> {
  const { latencyMs, rounds, oneByOneRounds } = options;
  const upstream = await startUpstream({ count: count * WAYS.length * (rounds + 1), latencyMs });
  const gateway = await startGateway(upstream);
  const pool = new Pool(upstream.origin, { connections: CONCURRENCY });
  try {
    return await run(count, rounds, oneByOneRounds, createWays(gateway, pool, upstream.origin), upstream);
  } finally {
    await pool.destroy();
    await gateway.stop();
    await upstream.stop();
  }
}

async function run(
  count: number,
  rounds: number,
  oneByOneRounds: number,
  ways: Record<Way, (ids: string[]) => Promise<void>>,
  upstream: BenchUpstream,
): Promise<DeletionsResult> {
  let next = 0;
  const take = () => Array.from({ length: count }, () => videoIdAt(next++));
  const ms: Record<Way, number[]> = {
    gateway: [],
    poolAtOnce: [],
    clientAtOnce: [],
    poolOneByOne: [],
    clientOneByOne: [],
  };
  let calls = { deletes: 0, all: 0 };
  // The first one connects, and asks for tokens and proofs that hold for a while.
  for (const way of ['gateway', 'poolAtOnce', 'clientAtOnce'] as const) await ways[way](take());
  for (let round = 0; round < rounds; round += 1) {
    for (const way of WAYS) {
      if (way.endsWith('OneByOne') && round >= oneByOneRounds) continue;
      const ids = take();
      await upstream.calls();
      ms[way].push(await time(() => ways[way](ids)));
      const seen = await upstream.calls();
      const deletes = seen.filter(
        ({ method, videoId }) => method === 'DELETE' && ids.includes(videoId ?? ''),
      );
      if (deletes.length !== count) throw new Error(`${way}: ${deletes.length} DELETEs for ${count} ids`);
      if (way === 'gateway') calls = { deletes: deletes.length, all: seen.length };
    }
  }
  return { ms, calls };
}

function createWays(
  gateway: BenchGateway,
  pool: Pool,
  origin: string,
): Record<Way, (ids: string[]) => Promise<void>> {
  const authorization = `Basic ${Buffer.from('sandbox-key:').toString('base64')}`;
  const client = new ApiVideoClient({ apiKey: 'sandbox-key', baseUri: origin });

  async function deleteByPool(id: string): Promise<void> {
    const { statusCode, body } = await pool.request({
      method: 'DELETE',
      path: `/videos/${id}`,
      headers: { authorization },
    });
    await body.dump();
    if (statusCode !== 204) throw new Error(`expected 204, got ${statusCode}`);
  }
  async function deleteByClient(id: string): Promise<void> {
    await client.videos.delete(id);
  }
  const atOnce = (deleteOne: (id: string) => Promise<void>) => async (ids: string[]) => {
    await Promise.all(ids.map(deleteOne));
  };
  const oneByOne = (deleteOne: (id: string) => Promise<void>) => async (ids: string[]) => {
    for (const id of ids) await deleteOne(id);
  };
  return {
    async gateway(ids) {
      const { deleteVideos } = Object(await gateway.execute(DELETE, { ids }));
      if (deleteVideos?.summary.succeeded !== ids.length) {
        throw new Error(`not all were deleted: ${JSON.stringify(deleteVideos).slice(0, 500)}`);
      }
    },
    poolAtOnce: atOnce(deleteByPool),
    poolOneByOne: oneByOne(deleteByPool),
    clientAtOnce: atOnce(deleteByClient),
    clientOneByOne: oneByOne(deleteByClient),
  };
}

/**
 * Round trips of a call, as if nothing but latency cost time: each deletion is read back, one may be unproved at first, and
 * one more with each proof.
 */
export function roundTrips(count: number): number {
  let limit = 1;
  let [sent, proved, writing, reading] = [0, 0, 0, 0];
  for (let trips = 0; ; trips += 1) {
    proved += reading;
    if (proved === count) return trips;
    limit = Math.min(2 * CONCURRENCY, limit + reading);
    reading = writing;
    writing = Math.min(CONCURRENCY, limit - reading, count - sent);
    sent += writing;
  }
}
