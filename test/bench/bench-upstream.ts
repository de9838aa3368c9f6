// What the benchmark knows of the upstream in `upstream.ts`: the ids of its videos, and what it was called.
import * as z from 'zod';
import { type ServerProcess, startServer } from './server-process.ts';

const calls = z.array(
  z.object({
    method: z.string(),
    path: z.string(),
    kind: z.enum(['read', 'write', 'auth']),
    videoId: z.string().nullable(),
  }),
);

export type UpstreamCall = z.infer<typeof calls>[number];

export type BenchUpstream = ServerProcess & {
  /** What came since it was last asked. */
  calls(): Promise<UpstreamCall[]>;
};

export type UpstreamOptions = {
  readonly count: number;
  readonly latencyMs: number;
  /** How many each window allows; without it, as many as anybody likes. */
  readonly writes?: number;
  readonly windowMs?: number;
};

export async function startUpstream(options: UpstreamOptions): Promise<BenchUpstream> {
  const server = await startServer('./upstream.ts', { args: [options] });
  return { ...server, calls: async () => calls.parse(await server.ask('calls')) };
}

/** The id of its video at this place, from 0. */
export function videoIdAt(index: number): string {
  return `viBench${index}`;
}
