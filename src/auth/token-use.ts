// Whether a verified token is for calling this gateway. An identity provider signs other tokens with the same keys, such as
// ID tokens, which tell an app who its user is. Not all of them can be told apart.
import type { JWTPayload } from 'jose';
import { type ExpectedToken, InvalidTokenError, toShown } from './refusal-details.ts';
import { findScopeClaim } from './token-scopes.ts';

/** The `typ` of a header: RFC 9068 has its own for access tokens, and other tokens have theirs, such as `logout+jwt`. */
const ACCESS_TYPE = 'at+jwt';
const HEADER_TYPES = [ACCESS_TYPE, 'jwt'];
/** Keycloak's claim `typ`. It says `ID` in an ID token, and `Logout` in a logout token. `JWT` says nothing. */
const KEYCLOAK_ACCESS_TYPES = ['bearer', 'dpop'];
const CLAIMED_TYPES = [...KEYCLOAK_ACCESS_TYPES, ...HEADER_TYPES];
/** OpenID Connect defines them for ID tokens. */
const ID_TOKEN_HASHES = ['at_hash', 'c_hash', 's_hash'];
/** Of the client that got the token, by provider. An access token has one of them, and an ID token rarely has. */
const CLIENT_CLAIMS = ['client_id', 'azp', 'appid', 'cid'];
const SCOPE_CLAIMS = ['scope', 'scp'];

/**
 * @param headerType - the `typ` of the header, in any form.
 * @throws {InvalidTokenError} if the token says that it is for another use.
 */
export function checkUse(payload: JWTPayload, headerType: unknown, expected: ExpectedToken): void {
  checkKind(payload, headerType, expected);
  checkReceiver(payload, expected);
}

function checkKind(payload: JWTPayload, headerType: unknown, { scopeClaims }: ExpectedToken): void {
  const { typ, token_use: use } = payload;
  const wrongType = 'its typ is not that of an access token';
  const type = toType(headerType).replace(/^application\//, '');
  if (!HEADER_TYPES.includes(type)) throw refuse(wrongType, { header: 'typ' }, HEADER_TYPES, headerType);
  if (use !== undefined && use !== 'access')
    throw refuse('its token_use is not access', { claim: 'token_use' }, ['access'], use);
  const claimedType = toType(typ);
  if (!CLAIMED_TYPES.includes(claimedType)) throw refuse(wrongType, { claim: 'typ' }, CLAIMED_TYPES, typ);
  // Now the token does not contradict itself, so one sign of an access token is enough.
  if (use !== undefined || type === ACCESS_TYPE || claimedType !== 'jwt') return;
  const hash = ID_TOKEN_HASHES.find((name) => Object.hasOwn(payload, name));
  if (hash !== undefined) throw new InvalidTokenError(`it is an ID token: it has ${hash}`, { claim: hash });
  const granting = findScopeClaim(payload, scopeClaims);
  if (granting === undefined || SCOPE_CLAIMS.includes(granting)) return;
  // ID tokens have no scopes, but they can have roles and permissions.
  if (Object.hasOwn(payload, 'nonce'))
    throw new InvalidTokenError('it may be an ID token: it has a nonce, and no scope', { claim: 'nonce' });
  if (!CLIENT_CLAIMS.some((name) => Object.hasOwn(payload, name)))
    throw new InvalidTokenError('it may be an ID token: it has no scope, and names no client', {
      expected: `one of ${CLIENT_CLAIMS.join(', ')}`,
    });
}

/** In lower case, `jwt` if it is missing, and empty if it is no text. */
function toType(value: unknown): string {
  if (value === undefined) return 'jwt';
  return typeof value === 'string' ? value.toLowerCase() : '';
}

/** jose has compared `aud`, unless there is nothing to compare it with. */
function checkReceiver(
  { aud, client_id: client }: JWTPayload,
  { audiences, clientIds }: ExpectedToken,
): void {
  if (audiences.length === 0 && aud !== undefined)
    throw new InvalidTokenError('it has an aud, and JWT_AUDIENCE is not set', {
      claim: 'aud',
      expected: 'no aud',
      got: toShown(aud),
    });
  const isKnown = typeof client === 'string' && clientIds.includes(client);
  if (clientIds.length > 0 && !isKnown)
    throw refuse('its client_id is none of JWT_CLIENT_IDS', { claim: 'client_id' }, clientIds, client);
}

function refuse(
  reason: string,
  place: { readonly claim: string } | { readonly header: string },
  expected: readonly string[],
  got: unknown,
): InvalidTokenError {
  return new InvalidTokenError(reason, { ...place, expected: expected.join(', '), got: toShown(got) });
}
