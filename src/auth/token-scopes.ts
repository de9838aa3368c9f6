// Which scopes of this gateway a verified token gives. It verifies nothing.
import type { JWTPayload } from 'jose';
import type { JwtSettings } from '../config/config.ts';
import { SCOPES, type Scope } from './access.ts';

/**
 * The claim that decides about the scopes: the first that the token has, in any form. Others do not count, even if it is
 * empty. If they did, a list of what the user may do would add to the list of what the client was given.
 */
export function findScopeClaim(payload: JWTPayload, names: readonly string[]): string | undefined {
  return names.find((name) => Object.hasOwn(payload, name));
}

/**
 * Reads a text with blanks between the scopes, as in `scope` of RFC 8693, or a list. Ignores what is no scope of this
 * gateway.
 *
 * @returns also the claim that has decided, undefined if the token has none of them, and whether that lists no scope at all.
 */
export function readScopes(
  payload: JWTPayload,
  { scopeClaims, scopePrefix }: Pick<JwtSettings, 'scopeClaims' | 'scopePrefix'>,
): { readonly scopes: ReadonlySet<Scope>; readonly claim: string | undefined; readonly isEmpty: boolean } {
  const claim = findScopeClaim(payload, scopeClaims);
  const value = claim === undefined ? undefined : payload[claim];
  const given: readonly unknown[] =
    typeof value === 'string' ? value.split(' ') : Array.isArray(value) ? value : [];
  const named = new Set(given);
  const scopes = new Set(SCOPES.filter((scope) => named.has(scopePrefix + scope)));
  return { scopes, claim, isEmpty: given.every((scope) => scope === '') };
}
