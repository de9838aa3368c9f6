// The gateway as it is run, with its defaults, in front of one of the benchmark's upstreams.
import { Pool } from 'undici';
import { type ServerProcess, startServer } from './server-process.ts';

export type BenchGateway = ServerProcess & {
  /** Posts an operation and answers its data. */
  execute(query: string, variables: Record<string, unknown>): Promise<unknown>;
};

/** @param env - settings other than the defaults. */
export async function startGateway(
  upstream: ServerProcess,
  env: Record<string, string> = {},
): Promise<BenchGateway> {
  const server = await startServer('../../src/main.ts', {
    env: { PORT: '0', APIVIDEO_API_KEY: 'sandbox-key', APIVIDEO_BASE_URL: upstream.origin, ...env },
  });
  const client = new Pool(server.origin, { headersTimeout: 0, bodyTimeout: 0 });
  return {
    ...server,
    async execute(query, variables) {
      const { body } = await client.request({
        method: 'POST',
        path: '/graphql',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables }),
      });
      const { data, errors } = Object(await body.json());
      if (errors) throw new Error(JSON.stringify(errors).slice(0, 500));
      return data;
    },
    async stop() {
      await client.destroy();
      await server.stop();
    },
  };
}
