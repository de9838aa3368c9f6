// Verifies a token with jose, and says what is wrong with it. It fetches no keys, and decides nothing about scopes.
import { errors, type JWTPayload, type JWTVerifyGetKey, type JWTVerifyOptions, jwtVerify } from 'jose';
import { PUBLIC_KEY_ALGORITHMS } from './read-key-set.ts';
import type { ExpectedToken } from './refusal-details.ts';
import { SECRET_ALGORITHMS, toReason } from './refused-token.ts';
import { checkUse } from './token-use.ts';

const CLOCK_TOLERANCE_SECONDS = 5;
/** How many keys are tried for a token that does not name its key. */
const MAX_KEYS_TRIED = 10;

/** @throws {InvalidTokenError} and the errors of the function that finds keys. */
type VerifyToken = (token: string) => Promise<JWTPayload>;

/** @param key - the shared secret, or a function that finds a token's public key. */
export function createVerifyToken(key: string | JWTVerifyGetKey, expected: ExpectedToken): VerifyToken {
  const isSecret = typeof key === 'string';
  const options: JWTVerifyOptions = {
    issuer: expected.issuer,
    ...(expected.audiences.length > 0 && { audience: [...expected.audiences] }),
    algorithms: isSecret ? SECRET_ALGORITHMS : PUBLIC_KEY_ALGORITHMS,
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    requiredClaims: ['exp'],
  };
  const known = typeof key === 'string' ? new TextEncoder().encode(key) : key;
  return async (token) => {
    try {
      const { payload, protectedHeader } = await verify(token, known, options);
      checkUse(payload, protectedHeader.typ, expected);
      return payload;
    } catch (error) {
      throw toReason(error, token, expected, isSecret);
    }
  };
}

type Verified = Pick<Awaited<ReturnType<typeof jwtVerify>>, 'payload' | 'protectedHeader'>;

async function verify(
  token: string,
  key: Uint8Array | JWTVerifyGetKey,
  options: JWTVerifyOptions,
): Promise<Verified> {
  try {
    // Two calls, because jose declares one for each kind of key.
    return await (typeof key === 'function'
      ? jwtVerify(token, key, options)
      : jwtVerify(token, key, options));
  } catch (error) {
    if (error instanceof errors.JWKSMultipleMatchingKeys) return verifyWithAny(token, error, options);
    throw error;
  }
}

/** Tries each key: a provider whose tokens name no key has two of them while it replaces one. */
async function verifyWithAny(
  token: string,
  keys: AsyncIterable<CryptoKey>,
  options: JWTVerifyOptions,
): Promise<Verified> {
  let tried = 0;
  for await (const key of keys) {
    if (tried >= MAX_KEYS_TRIED) break;
    tried += 1;
    try {
      return await jwtVerify(token, key, options);
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
    }
  }
  throw new errors.JWSSignatureVerificationFailed();
}
