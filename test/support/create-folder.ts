import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An empty folder, also as the store of operations; `await using` takes it away with all that is in it. */
export async function createFolder() {
  const path = await mkdtemp(join(tmpdir(), 'gateway-'));
  return {
    path,
    store: { kind: 'folder', path } as const,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}
