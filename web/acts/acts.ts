// What the app knows of its deletions and restores, and can do with them.
import type { OperationDetailsFragment } from 'apivideo-graphql-client';
import type { Act } from '../words.ts';
import type { Call } from './call.ts';
import type { Report } from './reports.ts';

export type ActsState = {
  /** On their way. */
  readonly calls: readonly Call[];
  readonly reports: readonly Report[];
  /** Videos whose deletion would be permanent, so that the user must confirm it. */
  readonly refused: readonly string[];
};

export type Acts = ActsState & {
  /** Whether a call, or an operation of this kind, works on the video. */
  readonly isBusy: Readonly<Record<Act, (id: string) => boolean>>;
  /** Leaves out the videos that a call or an operation works on already. */
  readonly run: (act: Act, ids: readonly string[]) => void;
  /** Makes a call again that had no results. */
  readonly repeat: (call: Call) => void;
  /** Asks the user about videos whose deletion was refused. */
  readonly ask: (refused: readonly string[]) => void;
  /** Deletes these videos permanently: those that the user was shown, and has confirmed. */
  readonly confirm: (ids: readonly string[]) => void;
  /** The user was asked about these videos, and keeps them. */
  readonly keep: (ids: readonly string[]) => void;
  /** Reads how the videos are now of which that is not certain. */
  readonly look: (act: Act) => void;
  readonly dismiss: (act: Act) => void;
};

/** What the app around knows, and wants to know. */
export type Surroundings = {
  readonly maxIds: number;
  readonly maxBackgroundIds: number;
  readonly mayRestore: boolean;
  /** The videos that the durable operations of each kind work on. */
  readonly inOperations: Readonly<Record<Act, ReadonlySet<string>>>;
  /** Nothing is left to do with these videos: they are as the act wanted, or gone. */
  readonly onSettled: (act: Act, ids: readonly string[]) => void;
  readonly onOperation: (operation: OperationDetailsFragment, call: Call) => void;
};
