// What can be an access token of api.video, and what one claims. It verifies no signature: only api.video can.
import * as z from 'zod';

const header = z.looseObject({});
/** Strangers choose it, and the gateway keeps it for a while. */
const MAX_PROJECT_ID = 100;
const claims = z.object({
  projectId: z.string().min(1).max(MAX_PROJECT_ID).optional().catch(undefined),
  /** In seconds since 1970. */
  exp: z.number().optional().catch(undefined),
});
export type Claims = z.infer<typeof claims>;

/** The claims of a JWT; undefined if this is none. */
export function readClaims(token: string): Claims | undefined {
  const [, head, payload] = /^([\w-]+)\.([\w-]+)\.[\w-]+$/.exec(token) ?? [];
  if (!header.safeParse(decode(head)).success) return undefined;
  return claims.safeParse(decode(payload)).data;
}

function decode(part = ''): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
