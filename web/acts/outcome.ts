// What came of a deletion or a restore, sorted by what the app does next.
import type {
  DeleteVideosMutation,
  OperationDetailsFragment,
  RestoreVideosMutation,
} from 'apivideo-graphql-client';
import { refusal } from '../words-of-acts.ts';

export type Failure = {
  readonly videoId: string;
  /** A FailureCode of the schema, or one of the app's own in words.ts. */
  readonly code: string;
  readonly retryable: boolean;
  readonly retryAfterSeconds: number | null;
};

export type Outcome = {
  /** What this call itself removed, and Undo restores. */
  readonly removed: readonly string[];
  readonly alreadyRemoved: readonly string[];
  readonly destroyed: readonly string[];
  /** What this call itself restored. */
  readonly restored: readonly string[];
  readonly alreadyLive: readonly string[];
  /** Live now. By whom, nobody can prove. */
  readonly live: readonly string[];
  /** Not deleted because that would be permanent. */
  readonly refused: readonly string[];
  readonly failures: readonly Failure[];
  /** The durable operation that goes on. */
  readonly operation: OperationDetailsFragment | undefined;
  /** Why the gateway refused the call as a whole. */
  readonly mistake: string | undefined;
};

type Payload = NonNullable<DeleteVideosMutation['deleteVideos'] | RestoreVideosMutation['restoreVideos']>;

export function readOutcome({ results, operation, userErrors }: Payload): Outcome {
  const removed = results.filter((each) => each.__typename === 'VideoRemoved');
  const live = results.filter((each) => each.__typename === 'VideoRestored');
  const failures = results.filter((each) => each.__typename === 'VideoFailure');
  const [mistake] = userErrors;
  return {
    removed: toIds(removed.filter(({ alreadyRemoved }) => !alreadyRemoved)),
    alreadyRemoved: toIds(removed.filter(({ alreadyRemoved }) => alreadyRemoved)),
    destroyed: toIds(results.filter(({ __typename }) => __typename === 'VideoDestroyed')),
    restored: toIds(live.filter(({ alreadyLive }) => alreadyLive === false)),
    alreadyLive: toIds(live.filter(({ alreadyLive }) => alreadyLive === true)),
    live: toIds(live.filter(({ alreadyLive }) => alreadyLive === null)),
    refused: toIds(failures.filter(isRefused)),
    failures: failures.filter((each) => !isRefused(each)),
    operation: operation ?? undefined,
    mistake: mistake && refusal(mistake),
  };
}

/** The videos that are now as the call wanted. */
export const toSettled = (outcome: Outcome): readonly string[] => [
  ...outcome.removed,
  ...outcome.alreadyRemoved,
  ...outcome.destroyed,
  ...outcome.restored,
  ...outcome.alreadyLive,
  ...outcome.live,
];

/** Whether there is no such video any more. */
export const isGone = ({ code }: Pick<Failure, 'code'>): boolean =>
  code === 'NOT_FOUND' || code === 'DESTROYED' || code === 'GONE';

const isRefused = ({ code }: { readonly code: string }) => code === 'PERMANENT_DELETION_REFUSED';

const toIds = (results: readonly { readonly videoId: string }[]) => results.map(({ videoId }) => videoId);
