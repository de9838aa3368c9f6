// Measures the heap of a gateway in a process of its own.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startSandbox } from './sandbox.ts';

const PROGRAM = fileURLToPath(new URL('./measure-heap.ts', import.meta.url));
/** Far less than Node.js takes by default: what grows without a bound ends the process. */
const HEAP_MB = 256;

export type Mode = 'none' | 'passthrough' | 'jwt';
/** `failing`: documents that cannot be parsed, that fail validation, and that exceed a limit. */
export type Kind = 'failing' | 'valid';

/**
 * Sends so many requests, each with a document and a token of its own, after a quarter as many to warm up.
 *
 * @returns what is left after garbage collection: for each request, and in all.
 */
export async function measureHeap(mode: Mode, kind: Kind, requests: number) {
  await using sandbox = await startSandbox();
  const args = [
    '--expose-gc',
    `--max-old-space-size=${HEAP_MB}`,
    PROGRAM,
    mode,
    kind,
    `${requests}`,
    sandbox.url,
  ];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const [bytesPerRequest = Number.NaN, heapBytes = Number.NaN] = stdout.trim().split(' ').map(Number);
  return { bytesPerRequest, heapBytes };
}
