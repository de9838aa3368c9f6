import type { Governor } from '../upstream/governor.ts';
import type { Circuit } from './circuit.ts';
import type { LogHealth } from './log-output.ts';

/** The state of a gateway that `/ready` and the metrics show. To read it costs no request to upstream. */
export type GatewayState = {
  /** The governors of the projects served now. */
  readonly governors: () => Iterable<Governor>;
  /** Whether api.video fails every request. */
  readonly circuit: Circuit;
  /** How many streams of subscriptions are open. */
  readonly openStreams: () => number;
  /** Undefined if the gateway cannot know whether its lines are written. */
  readonly log: LogHealth | undefined;
  /** The keys that verify tokens; undefined if they come from no key server. */
  readonly keys: { readonly state: KeysSeen } | undefined;
  /** Where durable operations are kept, as `Storage.state`, in `operations/storage.ts`, has it; undefined if nowhere. */
  readonly operations: { readonly state: string } | undefined;
  /** Undefined if this gateway keeps no durable operations. */
  readonly durable: () => OperationsState | undefined;
};

export type OperationsState = {
  /** Whether their store failed when it was last used. */
  readonly isUnavailable: boolean;
  /** How many have not ended, as `OperationStore.depth` says; undefined while that is not known. */
  depth(): Promise<Depth | undefined>;
};

type Depth = {
  readonly operations: Readonly<Record<'queued' | 'running' | 'cancelled', number>>;
  readonly items: number;
  readonly foreign: number;
  /** Those whose credentials only a gateway with another SECRET_KEY can decrypt. */
  readonly locked: number;
};

/** As `KeySet.state`, in `auth/key-set.ts`, has it. */
type KeysSeen = {
  readonly status: string;
  readonly ageSeconds: number | undefined;
  readonly isFailing: boolean;
};
