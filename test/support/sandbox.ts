import { createSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/server.ts';

/** A sandbox that closes at the end of its `await using` scope. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox & AsyncDisposable> {
  const sandbox = await createSandbox(options);
  // Not a copy: some of its fields are settable.
  return Object.assign(sandbox, { [Symbol.asyncDispose]: () => sandbox.close() });
}
