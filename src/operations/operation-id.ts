// The ids of operations. A video's id has letters and digits alone, so none is also that of an operation.
import { randomBytes } from 'node:crypto';

const BYTES = 16;

/** `op_` and 22 characters that nobody guesses. */
export function createOperationId(): string {
  return `op_${randomBytes(BYTES).toString('base64url')}`;
}

export function isOperationId(text: string): boolean {
  return /^op_[\w-]{22}$/.test(text);
}
