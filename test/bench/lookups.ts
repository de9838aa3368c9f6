// Looking up many of 1,000 videos by `nodes(ids:)`, against a client that reads one after another, or as many at once as the gateway does.
import { Pool } from 'undici';
import { startUpstream, videoIdAt } from './bench-upstream.ts';
import { startGateway } from './start-gateway.ts';
import { time } from './timing.ts';

const VIDEOS = 1000;

const NODES = `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Video { id title } } }`;

/** Reads of upstream at once: the gateway's own number, and the pool's connections. */
export const READS_AT_ONCE = 20;

const WAYS = ['gateway', 'poolAtOnce', 'poolOneByOne'] as const;
type Way = (typeof WAYS)[number];

export type LookupsResult = {
  /** Milliseconds, round by round. */
  readonly ms: Record<Way, number[]>;
  /** Calls that upstream saw in the last round. */
  readonly calls: Record<Way, number>;
};

/** @param options - as for deletions. The gateway keeps no page between its rounds. */
export async function benchLookups(
  count: number,
  options: { latencyMs: number; rounds: number; oneByOneRounds: number },
): Promise<LookupsResult> {
  const { latencyMs, rounds, oneByOneRounds } = options;
  const upstream = await startUpstream({ count: VIDEOS, latencyMs });
  const gateway = await startGateway(upstream, { READ_CACHE_SECONDS: '0' });
  const pool = new Pool(upstream.origin, { connections: READS_AT_ONCE });
  const ids = Array.from({ length: count }, (_, index) => videoIdAt(Math.floor((index * VIDEOS) / count)));
  const authorization = `Basic ${Buffer.from('sandbox-key:').toString('base64')}`;

  async function readByPool(id: string): Promise<void> {
    const { body } = await pool.request({ method: 'GET', path: `/videos/${id}`, headers: { authorization } });
    if (Object(await body.json()).videoId !== id) throw new Error(`expected the video ${id}`);
  }
  const ways: Record<Way, () => Promise<void>> = {
    async gateway() {
      const { nodes } = Object(await gateway.execute(NODES, { ids }));
      const isInOrder = ids.every((id, index) => nodes[index]?.id === id);
      if (!isInOrder) throw new Error('expected every video, in the order of the ids');
    },
    poolAtOnce: async () => void (await Promise.all(ids.map(readByPool))),
    async poolOneByOne() {
      for (const id of ids) await readByPool(id);
    },
  };
  const ms: Record<Way, number[]> = { gateway: [], poolAtOnce: [], poolOneByOne: [] };
  const calls: Record<Way, number> = { gateway: 0, poolAtOnce: 0, poolOneByOne: 0 };
  try {
    await ways.gateway();
    await ways.poolAtOnce();
    for (let round = 0; round < rounds; round += 1) {
      for (const way of WAYS) {
        if (way === 'poolOneByOne' && round >= oneByOneRounds) continue;
        await upstream.calls();
        ms[way].push(await time(ways[way]));
        calls[way] = (await upstream.calls()).length;
      }
    }
    return { ms, calls };
  } finally {
    await pool.destroy();
    await gateway.stop();
    await upstream.stop();
  }
}
