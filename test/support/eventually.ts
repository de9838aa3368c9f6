import { vi } from 'vitest';

/** Far longer than anything here takes, on a machine however busy: what is waited for comes, or the test fails. */
const PATIENCE_MS = 20_000;

/** Waits until an assertion holds, and answers what it does. */
export function eventually<T>(assertion: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(assertion, { timeout: PATIENCE_MS, interval: 10 });
}
