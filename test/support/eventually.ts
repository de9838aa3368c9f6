import { vi } from 'vitest';

/** Far longer than anything here takes, even on a busy machine: a test that gets this far has failed. */
const PATIENCE_MS = 60_000;

/** Waits until an assertion holds, and returns its result. @param patienceMs - for work that itself takes long. */
export function eventually<T>(assertion: () => T | Promise<T>, patienceMs = PATIENCE_MS): Promise<T> {
  return vi.waitFor(assertion, { timeout: patienceMs, interval: 20 });
}
