// Turns jose's errors into reasons for the log. jose's own messages may quote the token; these have nothing of a token that
// no trusted key has signed, except the algorithm and the name of the key.
import { decodeProtectedHeader, errors } from 'jose';
import { PUBLIC_KEY_ALGORITHMS } from './read-key-set.ts';
import { type ExpectedToken, InvalidTokenError, toShown } from './refusal-details.ts';

export const SECRET_ALGORITHMS = ['HS256', 'HS384', 'HS512'];

/** Key servers name keys by digests, UUIDs and dates. */
const USUAL_KEY_ID = /^[\w.~+/=:-]{1,64}$/;
const ALGORITHMS: readonly unknown[] = ['none', ...SECRET_ALGORITHMS, ...PUBLIC_KEY_ALGORITHMS];

/** An error of jose as a reason. An error that is not jose's own is not about the token, and is returned as it is. */
export function toReason(error: unknown, token: string, expected: ExpectedToken, isSecret: boolean): unknown {
  if (error instanceof errors.JWTExpired || error instanceof errors.JWTClaimValidationFailed)
    return toClaimReason(error, expected);
  if (!(error instanceof errors.JOSEError)) return error;
  switch (error.code) {
    case errors.JWTInvalid.code:
      return new InvalidTokenError('its claims are not a JSON object');
    case errors.JWSInvalid.code:
      return new InvalidTokenError('it is not a signed JWT');
    case errors.JOSENotSupported.code:
      return new InvalidTokenError('its header requires an unknown extension', { header: 'crit' });
    case errors.JWSSignatureVerificationFailed.code:
      return new InvalidTokenError('its signature is wrong', {
        expected: isSecret ? 'a signature with JWT_SECRET' : 'a signature with the key that its kid names',
        ...(!isSecret && { header: 'kid', got: readKeyId(token) }),
      });
    case errors.JWKSNoMatchingKey.code:
      return new InvalidTokenError('no key of JWT_JWKS_URL fits its kid and alg', {
        header: 'kid',
        expected: 'the kid of a key of JWT_JWKS_URL',
        got: readKeyId(token),
      });
    case errors.JOSEAlgNotAllowed.code:
      return new InvalidTokenError('its alg is not accepted', {
        header: 'alg',
        expected: (isSecret ? SECRET_ALGORITHMS : PUBLIC_KEY_ALGORITHMS).join(', '),
        got: readAlgorithm(token),
      });
    default:
      return error;
  }
}

/** What jose says of a claim, and jose has verified the signature before. */
function toClaimReason(
  { claim, reason, payload }: errors.JWTClaimValidationFailed | errors.JWTExpired,
  { issuer, audiences }: ExpectedToken,
): InvalidTokenError {
  const value = payload[claim];
  if (claim === 'iss' || claim === 'aud') {
    const text = claim === 'iss' ? 'its iss is not JWT_ISSUER' : 'its aud is none of JWT_AUDIENCE';
    const expected = claim === 'iss' ? issuer : audiences.join(', ');
    return new InvalidTokenError(value === undefined ? `it has no ${claim}` : text, {
      claim,
      expected,
      got: toShown(value),
    });
  }
  if (reason === 'missing') return new InvalidTokenError(`it has no ${claim}`, { claim });
  if (reason === 'invalid')
    return new InvalidTokenError(`its ${claim} is not a number`, {
      claim,
      expected: 'seconds since 1970, as a number',
      got: toShown(value),
    });
  const now = new Date().toISOString();
  const isExpired = claim === 'exp';
  return new InvalidTokenError(
    isExpired ? 'it has expired' : 'it is not valid yet',
    { claim, expected: `a time ${isExpired ? 'after' : 'before'} ${now}`, got: toTime(value) },
    isExpired,
  );
}

function toTime(seconds: unknown): string | undefined {
  const date = new Date(Number(seconds) * 1000);
  return Number.isNaN(date.getTime()) ? toShown(seconds) : date.toISOString();
}

function readKeyId(token: string): string | undefined {
  const { kid } = readHeader(token);
  return kid !== undefined && USUAL_KEY_ID.test(kid) ? kid : undefined;
}

function readAlgorithm(token: string): string | undefined {
  const { alg } = readHeader(token);
  return ALGORITHMS.includes(alg) ? alg : undefined;
}

function readHeader(token: string): { readonly kid?: string | undefined; readonly alg?: string | undefined } {
  try {
    const { kid, alg } = decodeProtectedHeader(token);
    return {
      kid: typeof kid === 'string' ? kid : undefined,
      alg: typeof alg === 'string' ? alg : undefined,
    };
  } catch {
    return {};
  }
}
