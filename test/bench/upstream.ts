// The benchmark's upstream: a sandbox in a process of its own, so that it does not share an event loop with what is measured.
import { createSandbox, createVideo } from '../../src/sandbox/server.ts';

const { count, latencyMs }: { count: number; latencyMs: number } = JSON.parse(process.argv[2] ?? '{}');
const videos = Array.from({ length: count }, () => createVideo());
const sandbox = await createSandbox({ videos, latencyMs, limits: { reads: 10_000_000, writes: 10_000_000 } });
process.send?.({ url: sandbox.url, ids: videos.map(({ videoId }) => videoId) });
process.on('disconnect', () => process.exit(0));
