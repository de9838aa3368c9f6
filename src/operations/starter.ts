// Records new operations: the call, whose it is, and what will sign its requests. It sends nothing upstream.
import { IdLocks } from '../removal/id-locks.ts';
import { isVideoId } from '../upstream/video-id.ts';
import { StoreError } from './database.ts';
import { createFingerprint } from './fingerprint.ts';
import { inTurns } from './in-turns.ts';
import type { IfPermanent, Operation, OperationKind } from './operation.ts';
import type { OperationCaller } from './operation-caller.ts';
import { createOperationId } from './operation-id.ts';
import type { Created, NewOperation, OperationStore, Owner } from './operation-store.ts';
import type { SecretKey } from './secret-key.ts';
import { type Storage, StorageUnavailableError } from './storage.ts';
import { toOutage } from './storage-fault.ts';
import type { Target } from './target.ts';

export type OperationCall = {
  readonly kind: OperationKind;
  /** What is done about permanent deletions; null for a restore. */
  readonly ifPermanent: IfPermanent | null;
  /** What the call itself said about that, without the default of the deployment. */
  readonly givenIfPermanent: string | null;
  readonly idempotencyKey: string | null;
};

export type StarterParts = {
  readonly storage: Storage;
  readonly target: Pick<Target, 'find'>;
  /** Encrypts callers' credentials. */
  readonly secretKey: SecretKey;
  /** How many unfinished operations an owner may have. */
  readonly mostOpen: number;
};

/** A caller whom operations can belong to. */
export type Starting = OperationCaller & { readonly holder: { readonly owner: string } };

/** How long a call waits for others of its owner to be recorded. */
const MOST_WAIT_MS = 20_000;

export class Starter {
  readonly #parts: StarterParts;
  /** Of owners: in the store, those that wait for each other would keep its connections from what runs operations. */
  readonly #locks = new IdLocks();

  constructor(parts: StarterParts) {
    this.#parts = parts;
  }

  /**
   * Starts an operation, or finds the one that an earlier call with the same key and the same arguments has started.
   *
   * @param ids - distinct. Those of the wrong form fail alone.
   * @throws {StorageUnavailableError} if the store cannot be used: unless its message says otherwise, nothing was started.
   */
  async start(caller: Starting, call: OperationCall, ids: readonly string[]): Promise<Created> {
    const given = { kind: call.kind, ifPermanent: call.givenIfPermanent };
    const fingerprint = await createFingerprint(given, ids);
    const invalid = new Set<string>();
    await inTurns(ids, (id) => {
      if (!isVideoId(id)) invalid.add(id);
    });
    return this.#create(caller, call, fingerprint, (store, operation) =>
      store.create(operation, ids, invalid),
    );
  }

  /**
   * Starts the operation that restores what another one has removed.
   *
   * @throws {StorageUnavailableError} as `start`.
   */
  async undo(caller: Starting, undone: Operation, idempotencyKey: string | null): Promise<Created> {
    const call = { kind: 'restore', ifPermanent: null, givenIfPermanent: null, idempotencyKey } as const;
    const fingerprint = await createFingerprint({ kind: 'undo', undoOf: undone.id }, []);
    return this.#create(caller, call, fingerprint, (store, operation) =>
      store.createUndo(operation, undone.id),
    );
  }

  async #create(
    caller: Starting,
    call: OperationCall,
    fingerprint: string,
    create: (store: OperationStore, operation: NewOperation) => Promise<Created>,
  ): Promise<Created> {
    // While this store is open, no other gateway makes a key beside it.
    const store = await this.#parts.storage.open();
    const operation = await this.#prepare(caller, call, fingerprint);
    const whose = JSON.stringify([operation.project, operation.owner]);
    const limits = { deadline: performance.now() + MOST_WAIT_MS };
    const created = await this.#locks.run(whose, limits, () => this.#record(store, operation, create));
    if (created) return created;
    throw new StorageUnavailableError('too many operations of this owner are being recorded');
  }

  async #record(
    store: OperationStore,
    operation: NewOperation,
    create: (store: OperationStore, operation: NewOperation) => Promise<Created>,
  ): Promise<Created> {
    return create(store, operation).catch(async (cause: unknown): Promise<Created> => {
      if (!(cause instanceof StoreError)) throw cause;
      // The commit may have taken effect although it was not confirmed.
      const [created] = await store.find([operation.id]).catch(() => []);
      if (created) return { kind: 'created', operation: created };
      const reason = toOutage(cause)?.message ?? 'the store of operations fails';
      throw new StorageUnavailableError(
        `${reason}, so the operation could not be recorded for certain. If it was, it has the id ${operation.id}`,
        { cause },
      );
    });
  }

  async #prepare(caller: Starting, call: OperationCall, fingerprint: string): Promise<NewOperation> {
    const { target, secretKey, mostOpen } = this.#parts;
    const { project, owner, presented } = caller.holder;
    const id = createOperationId();
    const whose: Owner = { target: await target.find(), project, owner };
    const box = presented && (await secretKey.make());
    return {
      ...whose,
      id,
      subject: caller.subject,
      kind: call.kind,
      ifPermanent: call.ifPermanent,
      idempotencyKey: call.idempotencyKey,
      fingerprint,
      credential:
        box && presented
          ? { secretId: box.id, bytes: box.close(id, presented.text), until: presented.expiresAt }
          : null,
      mostOpen,
    };
  }
}
