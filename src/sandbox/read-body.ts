// Reads the body of a request as JSON, up to a limit. It reads and drops the rest, so that the client gets its 413
// instead of a broken pipe.
import type { IncomingMessage } from 'node:http';

const LARGEST_BODY = 1024 * 1024;

export type ReceivedBody =
  | { readonly kind: 'none' | 'malformed' | 'too-large'; readonly json?: undefined }
  | { readonly kind: 'json'; readonly json: unknown };

/** Rejects if the client disconnects before the body is complete. */
export async function readBody(message: IncomingMessage): Promise<ReceivedBody> {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = message.headers;
  if (length === '0' && encoding === undefined) return { kind: 'none' };
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size <= LARGEST_BODY) chunks.push(chunk);
  }
  if (size === 0) return { kind: 'none' };
  if (size > LARGEST_BODY) return { kind: 'too-large' };
  try {
    const json: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    return { kind: 'json', json };
  } catch {
    return { kind: 'malformed' };
  }
}
