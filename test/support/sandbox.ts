import { createSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/server.ts';

/** A sandbox that ends where its `await using` does. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox & AsyncDisposable> {
  const sandbox = await createSandbox(options);
  // Not a copy: some of its fields are settable.
  return Object.assign(sandbox, { [Symbol.asyncDispose]: () => sandbox.close() });
}
