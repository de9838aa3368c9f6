// What requests leave behind in memory, in a process of its own for each mode.
import { expect, test } from 'vitest';
import { measureHeap } from '../support/heap.ts';

const SLOW = 180_000;
const REQUESTS = 300;
/** Kept with its errors, a failed document takes tens of thousands. */
const NOISE_BYTES = 5_000;

test.each(['none', 'passthrough', 'jwt'] as const)(
  'a document that fails leaves nothing, in AUTH=%s',
  { timeout: SLOW },
  async (mode) => {
    const { bytesPerRequest } = await measureHeap(mode, 'failing', REQUESTS);

    expect(bytesPerRequest).toBeLessThan(NOISE_BYTES);
  },
);
