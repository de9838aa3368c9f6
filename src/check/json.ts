// Reads the body of an answer for checks that look at what the gateway's own parsers do not show.
import type { HttpAnswer } from '../upstream/transport.ts';

/** The parsed body, or undefined if it is not JSON. */
export function readJson({ body }: HttpAnswer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
