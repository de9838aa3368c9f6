// Reads the answer of a key server. A body that is no set of keys is an error, so that it never replaces good keys. A
// malformed key is left out, and the others count.
import { setImmediate } from 'node:timers/promises';
import { createLocalJWKSet, importJWK, type JWTVerifyGetKey } from 'jose';
import * as z from 'zod';

/** Some providers publish a chain of certificates with each key. To parse this many bytes takes a few milliseconds. */
const MAX_BYTES = 256 * 1024;
const MAX_KEYS = 100;
/** What RFC 7518 requires of RSA. */
const MIN_RSA_BITS = 2048;

const keySet = z.object({ keys: z.array(z.unknown()).max(MAX_KEYS) });
const publicKey = z.looseObject({
  kty: z.string(),
  alg: z.string().exactOptional(),
  crv: z.string().exactOptional(),
});
type PublicKey = z.infer<typeof publicKey>;

/** The algorithms that a token may be signed with. The token's own header does not decide; `none` is not allowed. */
export const PUBLIC_KEY_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

/** An algorithm of keys that name none, by their type and curve. */
const USUAL_ALGORITHMS: ReadonlyMap<string, string> = new Map([
  ['RSA', 'RS256'],
  ['EC P-256', 'ES256'],
  ['EC P-384', 'ES384'],
  ['EC P-521', 'ES512'],
  ['OKP Ed25519', 'EdDSA'],
]);

/**
 * Finds a token's key in the set. An empty set is one too: it withdraws every key.
 *
 * @throws {Error} if the body is no set of keys, or every key in it is malformed.
 */
export async function readKeySet(body: Buffer): Promise<JWTVerifyGetKey> {
  if (body.length > MAX_BYTES) throw new Error(`the set of keys is larger than ${MAX_BYTES} bytes`);
  const parsed = keySet.safeParse(parseJson(body));
  if (!parsed.success) throw new Error(`expected an object with at most ${MAX_KEYS} keys as "keys"`);
  const given = parsed.data.keys;
  const keys: PublicKey[] = [];
  for (const each of given) {
    const { data: key } = publicKey.safeParse(each);
    if (key && (await isSound(key))) keys.push(key);
    // A large key takes a millisecond of computing, and other requests must not wait for all of them.
    await setImmediate();
  }
  if (keys.length === 0 && given.length > 0) throw new Error('every key in the set is malformed');
  return createLocalJWKSet({ keys });
}

function parseJson(body: Buffer): unknown {
  try {
    // Not `toString`, which keeps a byte order mark.
    return JSON.parse(new TextDecoder().decode(body));
  } catch (cause) {
    throw new Error('the set of keys is no JSON', { cause });
  }
}

/** Whether the key can verify tokens. Keys for another purpose are sound too: jose chooses none of them for a token. */
async function isSound(key: PublicKey): Promise<boolean> {
  const alg = key.alg ?? USUAL_ALGORITHMS.get(key.kty === 'RSA' ? key.kty : `${key.kty} ${key.crv}`);
  if (alg === undefined || !PUBLIC_KEY_ALGORITHMS.includes(alg)) return true;
  try {
    const imported = await importJWK(key, alg);
    if (imported instanceof Uint8Array || imported.type !== 'public') return false;
    const { algorithm } = imported;
    return !('modulusLength' in algorithm) || Number(algorithm.modulusLength) >= MIN_RSA_BITS;
  } catch {
    return false;
  }
}
