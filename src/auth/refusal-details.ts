// Why a token is refused, for the log: which part of it, what was expected, and what came. Callers do not learn it.
import type { JwtSettings } from '../config/config.ts';

/** Characters of a claim that the log shows. */
const MAX_CLAIM_LENGTH = 200;

/** The settings that a token is compared with. */
export type ExpectedToken = Omit<JwtSettings, 'keys' | 'scopePrefix'>;

export type RefusalDetails = {
  /** The claim, or the member of the header, that is wrong. */
  readonly claim?: string;
  readonly header?: string;
  readonly expected?: string;
  /** What came instead, as JSON; undefined if it is missing, or could be anything. */
  readonly got?: string | undefined;
};

/** The token is invalid. Its message is one of few, and has nothing of the token. */
export class InvalidTokenError extends Error {
  override name = 'InvalidTokenError';
  readonly details: RefusalDetails;
  readonly isExpired: boolean;

  constructor(reason: string, details: RefusalDetails = {}, isExpired = false) {
    super(reason);
    this.details = details;
    this.isExpired = isExpired;
  }
}

/** A claim for the log. A trusted key has signed it, so no stranger has written it. */
export function toShown(claim: unknown): string | undefined {
  return JSON.stringify(claim)
    ?.slice(0, MAX_CLAIM_LENGTH)
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');
}
