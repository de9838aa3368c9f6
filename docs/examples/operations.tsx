// What both examples show of durable operations: how far each is, what failed, and buttons to cancel and to undo. It asks the
// gateway nothing itself: react-apollo.tsx and react-urql.tsx do that. The larger example is the web app: docs/web-app.md.
import type { OperationDetailsFragment } from 'apivideo-graphql-client';
import { useRef, useState } from 'react';
import { explain } from './library.tsx';

/** Each call returns the problem that it met, if any. */
export type Calls = {
  /** With the same key and the same ids, it starts nothing twice. */
  readonly startDeletion: (ids: readonly string[], idempotencyKey: string) => Promise<string | undefined>;
  readonly cancel: (id: string) => Promise<string | undefined>;
  readonly undo: (id: string) => Promise<string | undefined>;
};

/**
 * Starts deletions in the background. If no answer comes, the gateway may have started one all the same: so to try the same videos
 * again, it sends the same key.
 */
export function useStart(startDeletion: Calls['startDeletion']) {
  const unanswered = useRef<{ readonly videos: string; readonly key: string }>(undefined);
  const [problem, setProblem] = useState<string>();
  const start = async (ids: readonly string[]) => {
    const videos = ids.toSorted().join();
    const key = unanswered.current?.videos === videos ? unanswered.current.key : crypto.randomUUID();
    unanswered.current = { videos, key };
    const met = await startDeletion(ids, key).catch(explain);
    setProblem(met);
    if (met === undefined) unanswered.current = undefined;
    return met === undefined;
  };
  return { start, problem };
}

export function Operations({
  operations,
  problem,
  cancel,
  undo,
}: Pick<Calls, 'cancel' | 'undo'> & {
  readonly operations: readonly OperationDetailsFragment[];
  readonly problem: string | undefined;
}) {
  const [refusal, setRefusal] = useState<string>();
  if (operations.length === 0 && problem === undefined) return null;
  return (
    <section aria-label="Operations">
      <h3>Operations</h3>
      {[problem, refusal].map(
        (text) =>
          text && (
            <p key={text} role="alert">
              {text}
            </p>
          ),
      )}
      <ul>
        {operations.map((operation) => (
          <li key={operation.id}>
            <Progress {...operation} />
            {operation.status !== 'CANCELLED' && operation.finishedAt === null && (
              <button type="button" onClick={async () => setRefusal(await cancel(operation.id))}>
                Cancel
              </button>
            )}
            {operation.undoable && !operations.some((other) => isUndoOf(other, operation)) && (
              <button type="button" onClick={async () => setRefusal(await undo(operation.id))}>
                Undo all
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** One that was undone in part can be undone again. */
function isUndoOf({ undoOf, succeeded, total }: OperationDetailsFragment, { id }: OperationDetailsFragment) {
  return undoOf === id && succeeded === total;
}

function Progress(operation: OperationDetailsFragment) {
  const { kind, status, total, succeeded, destroyed, failed, pending, failures, etaSeconds } = operation;
  const done = kind === 'DELETE' ? 'deleted' : 'restored';
  return (
    <>
      <progress max={total} value={total - pending} /> {status === 'CANCELLED' ? 'Cancelled: ' : ''}
      {succeeded} of {total} {done}
      {destroyed > 0 && ` (${destroyed} permanently)`}, {failed} failed
      {pending > 0 && etaSeconds !== null && `, about ${Math.ceil(etaSeconds / 60)} min left`}{' '}
      {failures.map(({ code, count }) => `${code}: ${count}`).join(', ')}
    </>
  );
}
