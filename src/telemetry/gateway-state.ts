import type { Governor } from '../upstream/governor.ts';
import type { Circuit } from './circuit.ts';
import type { LogHealth } from './log-output.ts';

/** The state of a gateway that `/ready` and the metrics show. To read it costs no request to upstream. */
export type GatewayState = {
  /** The governors of the projects served now. */
  readonly governors: () => Iterable<Governor>;
  /** Whether api.video fails every request. */
  readonly circuit: Circuit;
  /** Undefined if the gateway cannot know whether its lines are written. */
  readonly log: LogHealth | undefined;
  /** The keys that verify tokens; undefined if they come from no key server. */
  readonly keys: { readonly state: KeysSeen } | undefined;
};

/** As `KeySet.state`, in `auth/key-set.ts`, has it. */
type KeysSeen = {
  readonly status: string;
  readonly ageSeconds: number | undefined;
  readonly isFailing: boolean;
};
