// What durable operations are kept in. Each verb is one transaction. `records.ts` and `leases.ts` have the statements.
import type {
  IfPermanent,
  ItemOutcome,
  ItemResult,
  Operation,
  OperationKind,
  OperationStatus,
} from './operation.ts';

/** Which gateways may run an operation, and whose it is. */
export type Owner = {
  /** Names the upstream and, for a gateway with a key of its own, the project: gateways with another target never run it. */
  readonly target: string;
  readonly project: string;
  readonly owner: string;
};

/** A caller's credentials, encrypted. `secretId` names the key that decrypts them. */
export type Credential = {
  readonly secretId: string;
  readonly bytes: Uint8Array;
  /** When they expire, in milliseconds since the epoch; null if they do not. */
  readonly until: number | null;
};

export type NewOperation = Owner & {
  readonly id: string;
  /** Who called, for the audit. */
  readonly subject: string;
  readonly kind: OperationKind;
  readonly ifPermanent: IfPermanent | null;
  readonly idempotencyKey: string | null;
  /** Equal for calls with equal arguments. */
  readonly fingerprint: string;
  readonly credential: Credential | null;
  /** How many unfinished operations the owner may have. */
  readonly mostOpen: number;
};

/** The result of creating one. `same`: an earlier call with this key and these arguments has created it. */
export type Created =
  | { readonly kind: 'created' | 'same'; readonly operation: Operation }
  | { readonly kind: 'keyReused' | 'tooMany' | 'notUndoable' | 'notFound' };

/** An operation whose lease this gateway holds. */
export type HeldOperation = Operation & {
  /** Counts the holders: a higher one has taken it over. */
  readonly epoch: number;
  readonly credential: Credential | null;
};

/** What an undo expects: the removal by the deletion that it undoes. Instants in milliseconds since the epoch, on upstream's clock. */
export type Removal = {
  readonly removedAt: number | null;
  readonly sentFrom: number | null;
  readonly endedBy: number | null;
};

export type Item = {
  readonly place: number;
  readonly videoId: string;
  /** Only in an undo. */
  readonly undoes: Removal | null;
};

/** An item that an earlier holder claimed: its write may have been sent. */
export type Orphan = Item & {
  readonly sentFrom: number | null;
  /** What upstream's clock showed when it was claimed last. */
  readonly claimedAt: number | null;
  /** Whether a look before had shown the video in the state that the write changes. */
  readonly isSeen: boolean;
};

export type Settled = {
  readonly place: number;
  /** Null: it was not sent, or provably changed nothing, and is pending again. */
  readonly outcome: ItemOutcome | null;
  readonly removedAt: number | null;
  readonly deletesAt: number | null;
  /** By when its last write had ended, if one was sent, on upstream's clock; null if that is not known. */
  readonly endedBy: number | null;
};

/** A part of a list. Without `after` and `before`, from its beginning or, with `fromEnd`, up to its end. */
export type Slice = {
  readonly after?: number | undefined;
  readonly before?: number | undefined;
  readonly limit: number;
  readonly fromEnd: boolean;
};

/** What a holder learns when it renews its leases. */
export type Renewed = Pick<Operation, 'seq' | 'status'> & { readonly epoch: number };

export type OperationStore = {
  /** @param videoIds - distinct. `invalid`: those of the wrong form, which are settled at once. */
  create(
    operation: NewOperation,
    videoIds: readonly string[],
    invalid: ReadonlySet<string>,
  ): Promise<Created>;
  /** Creates the operation that restores what another one removed. */
  createUndo(operation: NewOperation, undoOf: string): Promise<Created>;
  /** @param undoable - the id of an operation of the owner. @returns at most `limit` of its own removals. */
  removals(undoable: string, limit: number): Promise<readonly (Removal & { readonly videoId: string })[]>;

  /** The operations with these ids, in any order; what does not exist is left out. */
  find(ids: readonly string[]): Promise<readonly (Operation & { readonly target: string })[]>;
  /**
   * Newest first.
   *
   * @param owner - without `owner`, those of the whole project.
   * @param unfinished - whether only those that have not ended, or only those that have.
   */
  list(
    owner: Omit<Owner, 'owner'> & { readonly owner: string | undefined },
    unfinished: boolean | undefined,
    slice: Slice,
  ): Promise<readonly Operation[]>;
  count(
    owner: Omit<Owner, 'owner'> & { readonly owner: string | undefined },
    unfinished: boolean | undefined,
  ): Promise<number>;
  /** How many items of each unfinished operation of a project are pending, the oldest first. */
  backlog(
    owner: Omit<Owner, 'owner'>,
  ): Promise<readonly { readonly seq: number; readonly pending: number }[]>;
  /** In the order of the items. @param failedOnly - items that never were settled in a finished operation have failed. */
  results(seq: number, failedOnly: boolean, slice: Slice): Promise<readonly ItemResult[]>;
  /** @returns the operation, and whether it was not cancelled before (`isNews`); undefined if it was finished before. */
  cancel(id: string): Promise<(Operation & { readonly isNews: boolean }) | undefined>;

  /**
   * Takes unfinished operations that nobody holds: the oldest of each owner first, then the second of each, and so on. What
   * the holder works on counts as its owner's first.
   *
   * @param holder - new at every start of a gateway; an operation that it holds already counts as free.
   * @param secretId - the key that this gateway decrypts credentials with.
   * @param except - not these, which the holder works on, by `seq`.
   * @param before - only those whose turn comes before this one; the first turn is 1.
   */
  acquire(options: {
    readonly holder: string;
    readonly target: string;
    readonly secretId: string | undefined;
    readonly leaseMs: number;
    readonly most: number;
    readonly except: readonly number[];
    readonly before?: number;
    /** Called with each whose row is not what it should be: it is not among the others. */
    readonly onUnreadable?: (seq: number, error: unknown) => void;
  }): Promise<readonly HeldOperation[]>;
  /** Prolongs all leases of a holder. @returns those that it still has. */
  renew(holder: string, leaseMs: number): Promise<readonly Renewed[]>;
  /** Gives a lease up, or all leases of a holder, so that others need not wait for their end. */
  release(holder: string, seq?: number): Promise<void>;

  /** Items that nobody has claimed, from a place on. */
  pending(seq: number, from: number, limit: number): Promise<readonly Item[]>;
  /**
   * Claims items before they are sent. It is refused as a whole if the operation was cancelled or has another holder.
   *
   * @param sentFrom - the earliest time that upstream's clock can show when they are sent. `seen`: those of the places whose
   *   videos a look has shown in the state that the write changes.
   * @returns the places that were claimed: those that no other has.
   */
  claim(
    seq: number,
    epoch: number,
    places: readonly number[],
    options: { readonly sentFrom: number; readonly seen: readonly number[]; readonly leaseMs: number },
  ): Promise<readonly number[]>;
  /** Whether earlier holders had claimed items that are not settled. */
  hasOrphans(seq: number, epoch: number): Promise<boolean>;
  /** Takes over the items that earlier holders had claimed. */
  adopt(seq: number, epoch: number, limit: number): Promise<readonly Orphan[]>;
  /** Records outcomes. Idempotent. @returns false if the operation has another holder: then nothing is recorded. */
  settle(seq: number, epoch: number, settled: readonly Settled[]): Promise<boolean>;
  /** Ends an operation in which nothing is claimed and, unless it was cancelled, nothing pending. */
  finish(seq: number, epoch: number): Promise<Operation | undefined>;

  /** The target that was kept under this name; undefined if none was. */
  keptTarget(name: string): Promise<string | undefined>;
  keepTarget(name: string, target: string): Promise<void>;
  /** Whether any operation has not ended, whatever its target. */
  hasUnfinished(): Promise<boolean>;
  /** Forgets old operations and keys, some at a time. @returns whether there are more. */
  sweep(): Promise<boolean>;
  /**
   * How many operations and items of a target wait or are under way.
   *
   * @param secretId - the key that this gateway decrypts credentials with.
   * @returns also how many operations have another target (`foreign`), or credentials of another key (`locked`).
   */
  depth(
    target: string,
    secretId?: string,
  ): Promise<{
    readonly operations: Readonly<
      Record<Extract<OperationStatus, 'queued' | 'running' | 'cancelled'>, number>
    >;
    readonly items: number;
    readonly foreign: number;
    readonly locked: number;
  }>;
  close(): Promise<void>;
};
