// Verifies a token with jose, and says what is wrong with it. It fetches no keys, and decides nothing about scopes.
import { errors, type JWTPayload, type JWTVerifyGetKey, type JWTVerifyOptions, jwtVerify } from 'jose';
import { PUBLIC_KEY_ALGORITHMS } from './read-key-set.ts';

const SECRET_ALGORITHMS = ['HS256', 'HS384', 'HS512'];
const CLOCK_TOLERANCE_SECONDS = 5;
/** How many keys are tried for a token that does not name its key. */
const MAX_KEYS_TRIED = 10;
/** Characters of a claim that the log shows. */
const MAX_CLAIM_LENGTH = 200;

/** By the code of jose's error. Some of jose's own messages quote the token. */
const REASONS: ReadonlyMap<string, string> = new Map([
  [errors.JWTInvalid.code, 'its claims are no JSON object'],
  [errors.JWSInvalid.code, 'it is no signed JWT'],
  [errors.JWSSignatureVerificationFailed.code, 'its signature is wrong'],
  [errors.JWKSNoMatchingKey.code, 'no key of JWT_JWKS_URL fits its kid and alg'],
  [errors.JOSEAlgNotAllowed.code, 'its alg is not accepted'],
  [errors.JOSENotSupported.code, 'its header requires an unknown extension'],
]);

/** The claims that a token must have. */
export type ExpectedClaims = { readonly issuer: string; readonly audience: string };

/** The token is invalid. Nothing in it that strangers chose is in this error. */
export class InvalidTokenError extends Error {
  override name = 'InvalidTokenError';
  readonly isExpired: boolean;
  /** The wrong `iss` or `aud`, as JSON: a trusted key has signed it. */
  readonly got: string | undefined;

  constructor(reason: string, { isExpired = false, got }: { isExpired?: boolean; got?: string } = {}) {
    super(reason);
    this.isExpired = isExpired;
    this.got = got;
  }
}

/** @throws {InvalidTokenError} and the errors of the function that finds keys. */
export type VerifyToken = (token: string) => Promise<JWTPayload>;

/** @param key - the shared secret, or a function that finds a token's public key. */
export function createVerifyToken(key: string | JWTVerifyGetKey, expected: ExpectedClaims): VerifyToken {
  const options: JWTVerifyOptions = {
    ...expected,
    algorithms: typeof key === 'string' ? SECRET_ALGORITHMS : PUBLIC_KEY_ALGORITHMS,
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    requiredClaims: ['exp'],
  };
  const known = typeof key === 'string' ? new TextEncoder().encode(key) : key;
  return async (token) => {
    try {
      return (await jwtVerify(token, known, options)).payload;
    } catch (error) {
      if (error instanceof errors.JWKSMultipleMatchingKeys) return verifyWithAny(token, error, options);
      throw toReason(error);
    }
  };
}

/** Tries each key: a provider whose tokens name no key has two of them while it replaces one. */
async function verifyWithAny(
  token: string,
  keys: AsyncIterable<CryptoKey>,
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  let tried = 0;
  for await (const key of keys) {
    if (tried >= MAX_KEYS_TRIED) break;
    tried += 1;
    try {
      return (await jwtVerify(token, key, options)).payload;
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw toReason(error);
    }
  }
  throw toReason(new errors.JWSSignatureVerificationFailed());
}

/** An error that is not jose's own is not about the token. */
function toReason(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) return new InvalidTokenError('it has expired', { isExpired: true });
  if (error instanceof errors.JWTClaimValidationFailed) {
    const { claim, message, payload } = error;
    if (claim !== 'iss' && claim !== 'aud') return new InvalidTokenError(message);
    return new InvalidTokenError(message, {
      got: JSON.stringify(payload[claim])?.slice(0, MAX_CLAIM_LENGTH),
    });
  }
  const reason = error instanceof errors.JOSEError ? REASONS.get(error.code) : undefined;
  return reason === undefined ? error : new InvalidTokenError(reason);
}
