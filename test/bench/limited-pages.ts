// The same page, asked for by many while upstream keeps api.video's limits: how many are answered, by the gateway and by
// others. All of them run at once, each before an upstream of its own, and after an error a client waits a second.
import { setTimeout } from 'node:timers/promises';
import { Pool } from 'undici';
import * as z from 'zod';
import type { Contestant } from './page-contestants.ts';
import { type ServerProcess, startServer } from './server-process.ts';

export type LimitedPagesOptions = {
  readonly connections: number;
  /** How long they ask; api.video's windows are a minute. */
  readonly ms: number;
  /** Reads that each upstream allows a minute. */
  readonly reads: number;
};

export type LimitedPagesResult = {
  readonly name: string;
  readonly answers: number;
  /** Answers without a page. */
  readonly errors: number;
  /** Pages that upstream has sent. */
  readonly upstreamPages: number;
  /** Why there is nothing of it. */
  readonly absent?: string;
};

const AFTER_AN_ERROR_MS = 1_000;

const sent = z.object({ pages: z.number() });

export async function benchLimitedPages(
  contestants: readonly Contestant[],
  options: LimitedPagesOptions,
): Promise<LimitedPagesResult[]> {
  return Promise.all(contestants.map((contestant) => benchOne(contestant, options)));
}

async function benchOne(contestant: Contestant, options: LimitedPagesOptions): Promise<LimitedPagesResult> {
  const { name } = contestant;
  const upstream = await startServer('./page-upstream.ts', { args: [options.reads] });
  let server: ServerProcess | undefined;
  try {
    server = await contestant.start(upstream);
    const counts = await askOnAndOn(contestant, server.origin, options);
    return { name, ...counts, upstreamPages: sent.parse(await upstream.ask('pages')).pages };
  } catch (error) {
    const absent = error instanceof Error ? error.message : String(error);
    return { name, answers: 0, errors: 0, upstreamPages: 0, absent };
  } finally {
    await server?.stop();
    await upstream.stop();
  }
}

async function askOnAndOn(contestant: Contestant, origin: string, { connections, ms }: LimitedPagesOptions) {
  const client = new Pool(origin, { connections });
  const over = performance.now() + ms;
  let answers = 0;
  let errors = 0;
  async function ask(): Promise<void> {
    while (performance.now() < over) {
      const { statusCode, body } = await client.request(contestant.request('Video'));
      const text = await body.text();
      if (statusCode === 200 && !text.includes('"errors"')) answers += 1;
      else {
        errors += 1;
        await setTimeout(Math.max(0, Math.min(AFTER_AN_ERROR_MS, over - performance.now())));
      }
    }
  }
  await Promise.all(Array.from({ length: connections }, ask));
  await client.destroy();
  return { answers, errors };
}
