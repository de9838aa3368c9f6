// A short name for a text, to recognise it again. It protects no secret.
import { hash } from 'node:crypto';

/** The first characters of the text's SHA-256, each worth six bits. */
export function toDigest(text: string, length: number): string {
  return hash('sha256', text, 'base64url').slice(0, length);
}
