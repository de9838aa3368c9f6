// What the checks of one run share: the client, the settings, and the answers that several of them look at.
import type { Config } from '../config/config.ts';
import type { CheckClient } from './check-client.ts';
import type { Finding } from './finding.ts';

export type CheckRun = {
  readonly client: CheckClient;
  readonly config: Pick<Config, 'dialect' | 'videoRestore' | 'upstreamLagMs'>;
};

/** One row of the table. */
export type UpstreamCheck = {
  readonly name: string;
  /** @returns undefined if the check does not apply here. @throws {NotCheckedError} if it cannot be done. */
  readonly perform: (run: CheckRun) => Promise<Finding | undefined>;
};

/** Sent as a key, a token, a path and a filter that api.video cannot know. */
export const MADE_UP = 'made-up-by-apivideo-graphql-check';

/** Does something at most once in a run; every check gets the same result, or the same error. */
export function once<T>(act: (run: CheckRun) => Promise<T>): (run: CheckRun) => Promise<T> {
  const known = new WeakMap<CheckRun, Promise<T>>();
  return (run) => {
    const result = known.get(run) ?? act(run);
    known.set(run, result);
    return result;
  };
}
