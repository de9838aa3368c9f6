// A page of 25 videos, as fast as 32 connections take it: the gateway beside others that serve the same page.
import { setTimeout } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { Pool } from 'undici';
import * as z from 'zod';
import type { Contestant, Page } from './page-contestants.ts';
import { type ServerProcess, startServer } from './server-process.ts';

export type PagesOptions = {
  readonly connections: number;
  readonly rounds: number;
  readonly roundMs: number;
  readonly warmUpMs: number;
  /** Whether all ask for the same page; else each request has a filter of its own, so that nothing can be shared or kept. */
  readonly isSame?: boolean;
};

export type PagesResult = {
  readonly name: string;
  /** Microseconds between one page and the next, round by round. */
  readonly micros: number[];
  /** Microseconds of CPU time in the contestant's own process for each. */
  readonly cpuMicros: number[];
  /** In all rounds. */
  pages: number;
  upstreamCalls: number;
  /** Why there is nothing of it. */
  readonly absent?: string;
};

type Running = {
  contestant: Contestant;
  server: ServerProcess;
  client: Pool;
  isSame: boolean;
  result: PagesResult;
};

const sent = z.object({ pages: z.number() });

/** Takes turns, so that whatever else the machine does meets all of them. */
export async function benchPages(
  contestants: readonly Contestant[],
  options: PagesOptions,
): Promise<PagesResult[]> {
  const upstream = await startServer('./page-upstream.ts');
  const running: Running[] = [];
  const absent: PagesResult[] = [];
  try {
    for (const contestant of contestants) {
      const result = { name: contestant.name, micros: [], cpuMicros: [], pages: 0, upstreamCalls: 0 };
      try {
        const server = await contestant.start(upstream);
        const client = new Pool(server.origin, { connections: options.connections });
        running.push({ contestant, server, client, isSame: options.isSame ?? false, result });
      } catch (error) {
        absent.push({ ...result, absent: error instanceof Error ? error.message : String(error) });
      }
    }
    await assertSamePage(running);
    for (const each of running) await load(each, options.connections, options.warmUpMs);
    for (let round = 0; round < options.rounds; round += 1) {
      // Each round another one is the first.
      for (const index of running.keys()) {
        const each = running[(index + round) % running.length];
        if (each) await measure(each, upstream, options);
      }
    }
    return [...running.map(({ result }) => result), ...absent];
  } finally {
    for (const { client, server } of running) {
      await client.destroy();
      await server.stop();
    }
    await upstream.stop();
  }
}

async function measure(
  running: Running,
  upstream: ServerProcess,
  { connections, roundMs }: PagesOptions,
): Promise<void> {
  const { server, result } = running;
  const before = { ...(await server.usage()), ...sent.parse(await upstream.ask('pages')) };
  const { pages, elapsedMs } = await load(running, connections, roundMs);
  const after = { ...(await server.usage()), ...sent.parse(await upstream.ask('pages')) };
  result.micros.push((elapsedMs * 1000) / pages);
  result.cpuMicros.push((after.cpuMicros - before.cpuMicros) / pages);
  result.pages += pages;
  result.upstreamCalls += after.pages - before.pages;
}

/** Each connection asks again as soon as it is answered. */
async function load(running: Running, connections: number, ms: number) {
  let isOver = false;
  let pages = 0;
  const begin = performance.now();
  async function askOn(): Promise<void> {
    do {
      await ask(running);
      pages += 1;
    } while (!isOver);
  }
  const asking = Array.from({ length: connections }, askOn);
  await Promise.race([setTimeout(ms), Promise.all(asking)]);
  isOver = true;
  await Promise.all(asking);
  return { pages, elapsedMs: performance.now() - begin };
}

let requests = 0;

async function ask({ contestant, client, isSame }: Running): Promise<string> {
  requests += 1;
  const title = isSame ? 'Video' : `Video ${requests}`;
  const { statusCode, body } = await client.request(contestant.request(title));
  const text = await body.text();
  if (statusCode !== 200 || text.includes('"errors"')) {
    throw new Error(`${contestant.name} answered ${statusCode}: ${text.slice(0, 500)}`);
  }
  return text;
}

async function assertSamePage(running: readonly Running[]): Promise<void> {
  let expected: Page | undefined;
  for (const each of running) {
    const page = each.contestant.readPage(JSON.parse(await ask(each)));
    expected ??= page;
    if (!isDeepStrictEqual(page, expected)) {
      throw new Error(`${each.contestant.name} answers another page than ${running[0]?.contestant.name}`);
    }
  }
}
