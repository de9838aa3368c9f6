// Encrypts callers' credentials while an operation of theirs goes on, with AES-256-GCM. A box is bound to its operation, so
// that nobody can copy one from another row.
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

export type SecretBox = {
  /** Names the key without revealing it. */
  readonly id: string;
  close(operationId: string, secret: string): Uint8Array;
  /** Undefined if the box was closed with another key, for another operation, or changed since. */
  open(operationId: string, box: Uint8Array): string | undefined;
};

/** @param key - any text; with at least 32 random characters, it is as strong as the cipher. */
export function createSecretBox(key: string): SecretBox {
  const bytes = Buffer.from(hkdfSync('sha256', key, '', 'apivideo-graphql credentials', 32));
  return {
    id: createHash('sha256').update(bytes).digest('base64url').slice(0, 16),
    close(operationId, secret) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv(ALGORITHM, bytes, iv).setAAD(Buffer.from(operationId));
      const encrypted = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), encrypted]);
    },
    open(operationId, box) {
      if (box.byteLength < IV_BYTES + TAG_BYTES) return undefined;
      const decipher = createDecipheriv(ALGORITHM, bytes, box.subarray(0, IV_BYTES))
        .setAAD(Buffer.from(operationId))
        .setAuthTag(box.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      try {
        const secret = decipher.update(box.subarray(IV_BYTES + TAG_BYTES));
        return Buffer.concat([secret, decipher.final()]).toString('utf8');
      } catch {
        return undefined;
      }
    },
  };
}
