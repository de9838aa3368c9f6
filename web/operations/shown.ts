// What the app knows of its operations, and can do with them.
import type { OperationDetailsFragment } from 'apivideo-graphql-client';
import type { Act } from '../words.ts';

export type Shown = {
  readonly operation: OperationDetailsFragment;
  /** When this state came, in ms since the epoch: what is left of its ETA counts from then. */
  readonly at: number;
  /** When the first state came that had as many videos left, if no ETA is known since. Else the same as `at`. */
  readonly stillSince: number;
  /** Whether it is just being cancelled or undone. */
  readonly isAsked: boolean;
  /** Why it could not be. */
  readonly fault: string | undefined;
};

export type OperationsState = {
  readonly list: readonly Shown[];
  /** Ids of videos that an operation of this kind has not settled yet, as far as the app knows them. */
  readonly busy: Readonly<Record<Act, ReadonlySet<string>>>;
};

export type Operations = OperationsState & {
  readonly add: (operation: OperationDetailsFragment, ids: readonly string[]) => void;
  readonly cancel: (id: string) => void;
  readonly undo: (id: string) => void;
  readonly dismiss: (id: string) => void;
};
