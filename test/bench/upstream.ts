// The benchmark's upstream for single videos, run as a process: a sandbox with as many videos and as much latency as asked
// for. Asked for its `calls`, it answers with those since it was last asked.
import { createSandbox, createVideo } from '../../src/sandbox/server.ts';
import { type UpstreamOptions, videoIdAt } from './bench-upstream.ts';

const { count, latencyMs, writes, windowMs }: UpstreamOptions = JSON.parse(process.argv[2] ?? '{}');
const sandbox = await createSandbox({
  videos: Array.from({ length: count }, (_, index) => createVideo({ videoId: videoIdAt(index) })),
  latencyMs,
  limits: { reads: 10_000_000, writes: writes ?? 10_000_000 },
  ...(windowMs && { windowMs }),
});
process.on('message', (message) => {
  if (message !== 'calls') return;
  process.send?.(
    sandbox.requests.map(({ method, path, kind, videoId }) => ({
      method,
      path,
      kind,
      videoId: videoId ?? null,
    })),
  );
  sandbox.clearRequests();
});
process.stdout.write(`${sandbox.url}\n`);
