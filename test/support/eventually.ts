import { vi } from 'vitest';

/** Far longer than anything here takes, even on a busy machine: a test that gets this far has failed. */
const PATIENCE_MS = 20_000;

/** Waits until an assertion holds, and returns its result. */
export function eventually<T>(assertion: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(assertion, { timeout: PATIENCE_MS, interval: 10 });
}
