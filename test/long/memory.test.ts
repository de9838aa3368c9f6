// 40,000 requests, each with a document and a token of its own: `npm run test:long`.
import { describe, expect, test } from 'vitest';
import { measureHeap } from '../support/heap.ts';

const SLOW = 600_000;
const REQUESTS = 40_000;
const MB = 1024 * 1024;
/** The gateway itself, its documents (32 MB at most) and its strangers (4 MB). */
const PLATEAU_BYTES = 110 * MB;

describe.each(['none', 'passthrough', 'jwt'] as const)('in AUTH=%s', (mode) => {
  test('40,000 documents that fail leave the heap where it was', { timeout: SLOW }, async () => {
    const { bytesPerRequest } = await measureHeap(mode, 'failing', REQUESTS);

    expect(bytesPerRequest).toBeLessThan(100);
  });

  test('40,000 documents that are valid reach a plateau', { timeout: SLOW }, async () => {
    const { heapBytes } = await measureHeap(mode, 'valid', REQUESTS);

    expect(heapBytes).toBeLessThan(PLATEAU_BYTES);
  });
});
