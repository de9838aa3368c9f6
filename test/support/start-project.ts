// A project above a sandbox, for tests of batches without a gateway around them.
import { createProject } from '../../src/project/create-project.ts';
import type { SandboxOptions } from '../../src/sandbox/server.ts';
import { createApiKeyCredentials } from '../../src/upstream/credentials.ts';
import { createConnections } from '../../src/upstream/transport.ts';
import { startSandbox } from './sandbox.ts';

/**
 * Starts both; `await using` ends them. `call` has what every batch needs, `writes` counts those that the sandbox saw.
 *
 * @param options - of the sandbox. `readCacheMs`: how long the project keeps pages; by default, it keeps none.
 */
export async function startProject(options: SandboxOptions & { readonly readCacheMs?: number }) {
  const { readCacheMs = 0, ...sandboxOptions } = options;
  const sandbox = await startSandbox({ apiKey: 'key', ...sandboxOptions });
  const timeoutMs = 5_000;
  const connections = createConnections({ baseUrl: new URL(sandbox.url), connections: 25, timeoutMs });
  const project = createProject(connections, {
    dialect: 'auto',
    videoRestore: 'on',
    concurrency: 5,
    timeoutMs,
    lagMs: 300,
    readCacheMs,
  });
  const call = {
    deadline: performance.now() + 30_000,
    signal: new AbortController().signal,
    credentials: createApiKeyCredentials(project.transport, 'key'),
  };
  const writes = () => sandbox.requests.filter(({ kind }) => kind === 'write').length;
  return {
    sandbox,
    project,
    call,
    writes,
    async [Symbol.asyncDispose]() {
      await connections.close();
      await sandbox[Symbol.asyncDispose]();
    },
  };
}
