// Durable operations, on a store in SQLite and in PostgreSQL: beside a call of the same ids that waits, against the least
// that the windows allow, and after the gateway was killed.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import * as z from 'zod';
import { LEASE_MS } from '../../src/operations/runner.ts';
import type { PostgresServer } from '../support/postgres.ts';
import { type BenchUpstream, startUpstream, videoIdAt } from './bench-upstream.ts';
import { type BenchGateway, startGateway } from './start-gateway.ts';
import { time } from './timing.ts';

export type StoreName = 'SQLite' | 'PostgreSQL';
/** Where the store of one measurement is: its own folder, or its own database. */
export type Store = AsyncDisposable & { readonly env: Record<string, string> };

export async function createBenchStore(name: StoreName, postgres: PostgresServer): Promise<Store> {
  if (name === 'PostgreSQL') {
    const env = { DATABASE_URL: await postgres.createDatabase() };
    return { env, [Symbol.asyncDispose]: async () => {} };
  }
  return createFolderStore();
}

export async function createFolderStore(): Promise<Store> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  return {
    env: { DATA_DIR: folder },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

const CALL = `mutation ($ids: [ID!]!) {
  deleteVideos(ids: $ids, options: { waitSeconds: 60 }) { summary { succeeded } }
}`;
const START = `mutation ($ids: [ID!]!) {
  deleteVideos(ids: $ids, options: { background: true }) { operation { id } userErrors { message } }
}`;
const SEE = 'query ($id: ID!) { operation(id: $id) { succeeded createdAt finishedAt } }';
const started = z.object({ deleteVideos: z.object({ operation: z.object({ id: z.string() }) }) });
const seen = z.object({
  operation: z.object({
    succeeded: z.number(),
    createdAt: z.string(),
    finishedAt: z.string().nullable(),
  }),
});

/** @returns the id of the operation. */
export async function startOperation(gateway: BenchGateway, ids: readonly string[]): Promise<string> {
  return started.parse(await gateway.execute(START, { ids })).deleteVideos.operation.id;
}

/** @returns how many milliseconds it took, by the gateway's own account: nobody has to ask often. */
async function waitForEnd(gateway: BenchGateway, id: string, count: number): Promise<number> {
  for (;;) {
    const { succeeded, createdAt, finishedAt } = seen.parse(await gateway.execute(SEE, { id })).operation;
    if (finishedAt !== null) {
      if (succeeded !== count) throw new Error(`expected ${count} deletions, and got ${succeeded}`);
      return Date.parse(finishedAt) - Date.parse(createdAt);
    }
    await setTimeout(200);
  }
}

/** Figures of each round. */
type Cost = { readonly ms: number[]; readonly cpuMicros: number[]; readonly rssBytes: number[] };

/** The same ids by one operation, and by one call that waits for them. CPU time is that of one deletion. */
export async function benchCosts(
  store: Store,
  { count, rounds, latencyMs }: { count: number; rounds: number; latencyMs: number },
): Promise<{ operation: Cost; call: Cost }> {
  const upstream = await startUpstream({ count: 2 * count * (rounds + 1), latencyMs });
  const gateways = {
    operation: await startGateway(upstream, store.env),
    call: await startGateway(upstream),
  };
  const costs = { operation: toCost(), call: toCost() };
  let next = 0;
  try {
    // The first round connects, and opens the store.
    for (let round = -1; round < rounds; round += 1) {
      for (const way of ['operation', 'call'] as const) {
        const gateway = gateways[way];
        const ids = Array.from({ length: count }, () => videoIdAt(next++));
        const before = await gateway.usage();
        const ms =
          way === 'operation'
            ? await waitForEnd(gateway, await startOperation(gateway, ids), count)
            : await time(async () => void (await gateway.execute(CALL, { ids })));
        const after = await gateway.usage();
        // The gateway may also have deleted videos of its own, as probes.
        const isGiven = new Set<string | null>(ids);
        const deletes = (await upstream.calls()).filter(
          ({ method, videoId }) => method === 'DELETE' && isGiven.has(videoId),
        );
        if (deletes.length !== count) throw new Error(`${way}: ${deletes.length} DELETEs for ${count} ids`);
        if (round < 0) continue;
        costs[way].ms.push(ms);
        costs[way].cpuMicros.push((after.cpuMicros - before.cpuMicros) / count);
        costs[way].rssBytes.push(after.rssBytes);
      }
    }
    return costs;
  } finally {
    await gateways.operation.stop();
    await gateways.call.stop();
    await upstream.stop();
  }
}

function toCost(): Cost {
  return { ms: [], cpuMicros: [], rssBytes: [] };
}

/** @returns milliseconds, and those of the windows that must pass before the last one. */
export async function benchMakespan(
  store: Store,
  { count, writes, windowMs }: { count: number; writes: number; windowMs: number },
): Promise<{ gateway: number; yardstick: number }> {
  const upstream = await startUpstream({ count, latencyMs: 5, writes, windowMs });
  const gateway = await startGateway(upstream, store.env);
  try {
    const ids = Array.from({ length: count }, (_, index) => videoIdAt(index));
    const taken = await waitForEnd(gateway, await startOperation(gateway, ids), count);
    return { gateway: taken, yardstick: (Math.ceil(count / writes) - 1) * windowMs };
  } finally {
    await gateway.stop();
    await upstream.stop();
  }
}

const loopDelay = z.object({ p99Ms: z.number(), longestMs: z.number() });
const PING = '{ __typename }';

type Waits = { readonly p99Ms: number; readonly loopP99Ms: number; readonly rssBytes: number };

/** What queries take that need no upstream, while an operation of that many ids begins and goes on; and without one. */
export async function benchBeside(
  store: Store,
  { ids: count, ms }: { ids: number; ms: number },
): Promise<{ beside: Waits; alone: Waits; acceptedMs: number; refusedMs: number }> {
  const real = 200;
  const upstream = await startUpstream({ count: real, latencyMs: 20 });
  const gateway = await startGateway(upstream, store.env);
  try {
    const ids = Array.from({ length: count }, (_, index) => videoIdAt(index));
    // A call that waits may not have so many.
    const refusedMs = await time(async () => void (await gateway.execute(CALL, { ids })));
    const alone = await watch(gateway, ms);
    let acceptedMs = 0;
    const beside = await watch(gateway, ms, async () => {
      acceptedMs = await time(async () => void (await startOperation(gateway, ids)));
    });
    return { beside, alone, acceptedMs, refusedMs };
  } finally {
    await gateway.stop();
    await upstream.stop();
  }
}

async function watch(gateway: BenchGateway, ms: number, work = async () => {}): Promise<Waits> {
  await gateway.ask('watchLoop');
  const waits: number[] = [];
  const working = work();
  for (const until = performance.now() + ms; performance.now() < until; ) {
    waits.push(await time(async () => void (await gateway.execute(PING, {}))));
    await setTimeout(5);
  }
  await working;
  const { p99Ms: loopP99Ms } = loopDelay.parse(await gateway.ask('loopDelay'));
  const p99Ms = waits.toSorted((a, b) => a - b)[Math.floor(waits.length * 0.99)] ?? Number.NaN;
  return { p99Ms, loopP99Ms, rssBytes: (await gateway.usage()).rssBytes };
}

/**
 * From the moment that a gateway was killed to the next deletion of its operation. With PostgreSQL, another gateway waits for
 * the lease; with SQLite, the same one is started again.
 */
export async function benchTakeover(
  store: Store,
  name: StoreName,
): Promise<{ gateway: number; yardstick: number }> {
  const upstream = await startUpstream({ count: 2_000, latencyMs: 50 });
  const isShared = name === 'PostgreSQL';
  const first = await startGateway(upstream, store.env);
  const other = isShared ? await startGateway(upstream, store.env) : undefined;
  let again: BenchGateway | undefined;
  try {
    await startOperation(
      first,
      Array.from({ length: 1_000 }, (_, index) => videoIdAt(index)),
    );
    await waitForDeletion(upstream);
    await first.stop();
    await setTimeout(100);
    await upstream.calls();
    const begin = performance.now();
    let readyMs = LEASE_MS;
    if (!isShared) {
      again = await startGateway(upstream, store.env);
      await fetch(`${again.origin}/ready`);
      readyMs = performance.now() - begin;
    }
    await waitForDeletion(upstream);
    return { gateway: performance.now() - begin, yardstick: readyMs };
  } finally {
    await first.stop();
    await other?.stop();
    await again?.stop();
    await upstream.stop();
  }
}

async function waitForDeletion(upstream: BenchUpstream): Promise<void> {
  while (!(await upstream.calls()).some(({ method }) => method === 'DELETE')) await setTimeout(20);
}
