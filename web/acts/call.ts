// A deletion or a restore that the user has asked for.
import type { Act } from '../words.ts';

export type Call = {
  readonly act: Act;
  readonly ids: readonly string[];
  /** True only after the user has confirmed it by typing. */
  readonly isPermanentAllowed: boolean;
};

/** The same for two calls that ask for the same. */
export const toName = ({ act, ids, isPermanentAllowed }: Call): string =>
  JSON.stringify([act, isPermanentAllowed, ids.toSorted()]);
