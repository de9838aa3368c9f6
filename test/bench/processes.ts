// What a gateway takes of the machine before it does anything: the time until it is ready, and its memory idle, after a visit
// to GraphiQL, and after a call that it refuses; beside Node.js itself.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { startUpstream } from './bench-upstream.ts';
import { type ServerProcess, startBareProcess } from './server-process.ts';
import { startGateway } from './start-gateway.ts';
import { time } from './timing.ts';

export type ProcessesResult = {
  /** Milliseconds from the start of the process to the first 200 of `/ready`, or to the end of one that does nothing. */
  readonly readyMs: number[];
  /** The same with WEB_APP=off. */
  readonly readyWithoutAppMs: number[];
  readonly bareMs: number[];
  /** Bytes of resident memory. */
  readonly idleBytes: number[];
  readonly visitedBytes: number[];
  readonly refusedBytes: number[];
  readonly bareBytes: number[];
};

const DELETE = `mutation ($ids: [ID!]!) {
  deleteVideos(ids: $ids) { results { videoId } userErrors { code } }
}`;

/**
 * @param options - `refusedIds`: distinct ids of the call that is refused. They are short, to fit into one body.
 *   `afterVisitMs`: from a visit to GraphiQL to the look at the memory; its page is kept for five seconds.
 */
export async function benchProcesses(options: {
  rounds: number;
  refusedIds: number;
  afterVisitMs: number;
}): Promise<ProcessesResult> {
  const result: ProcessesResult = {
    readyMs: [],
    readyWithoutAppMs: [],
    bareMs: [],
    idleBytes: [],
    visitedBytes: [],
    refusedBytes: [],
    bareBytes: [],
  };
  const ids = Array.from({ length: options.refusedIds }, (_, index) => `v${index}`);
  const upstream = await startUpstream({ count: 0, latencyMs: 0 });
  try {
    // The first start writes what the later ones read: the compile cache.
    for (let round = -1; round < options.rounds; round += 1) {
      const bareMs = await time(runNothing);
      const withoutApp = await startToReady(upstream, { WEB_APP: 'off' });
      await withoutApp.gateway.stop();
      const { gateway, readyMs } = await startToReady(upstream);
      const bare = startBareProcess();
      try {
        const idle = await gateway.usage();
        await visitGraphiQL(gateway.origin, options.afterVisitMs);
        const visited = await gateway.usage();
        const { deleteVideos } = Object(await gateway.execute(DELETE, { ids }));
        if (deleteVideos.userErrors[0]?.code !== 'TOO_MANY_IDS') throw new Error('expected TOO_MANY_IDS');
        const refused = await gateway.usage();
        if (round < 0) continue;
        result.readyMs.push(readyMs);
        result.readyWithoutAppMs.push(withoutApp.readyMs);
        result.bareMs.push(bareMs);
        result.idleBytes.push(idle.rssBytes);
        result.visitedBytes.push(visited.rssBytes);
        result.refusedBytes.push(refused.rssBytes);
        result.bareBytes.push((await bare.usage()).rssBytes);
      } finally {
        await gateway.stop();
        await bare.stop();
      }
    }
    const calls = await upstream.calls();
    if (calls.length > 0) throw new Error(`expected no call to upstream, and got ${calls.length}`);
    return result;
  } finally {
    await upstream.stop();
  }
}

async function startToReady(upstream: ServerProcess, env: Record<string, string> = {}) {
  const begin = performance.now();
  const gateway = await startGateway(upstream, env);
  const { status } = await fetch(`${gateway.origin}/ready`);
  const readyMs = performance.now() - begin;
  if (status === 200) return { gateway, readyMs };
  await gateway.stop();
  throw new Error(`expected 200 of /ready, and got ${status}`);
}

/** As a browser does, and then nothing for a while. */
async function visitGraphiQL(origin: string, afterMs: number): Promise<void> {
  const page = await fetch(`${origin}/graphql`, { headers: { accept: 'text/html' } });
  const { byteLength } = await page.arrayBuffer();
  if (byteLength < 1_000_000) throw new Error(`expected the page of GraphiQL, and got ${byteLength} bytes`);
  await setTimeout(afterMs);
}

async function runNothing(): Promise<void> {
  await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'close');
}
