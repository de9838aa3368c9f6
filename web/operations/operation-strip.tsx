// One operation: how far it is, or what has come of it, with what can be done about it.
import { useState } from 'react';
import { Button } from 'react-aria-components';
import type { Acts } from '../acts/acts.ts';
import { useSeconds } from '../acts/use-seconds.ts';
import { type Act, operations as words } from '../words.ts';
import { FailedVideos } from './failed-videos.tsx';
import { countFailed, toAct, toFacts } from './sentences.ts';
import type { Shown } from './shown.ts';

/** At the start, nothing may be known of limits yet. */
const WAITS_AFTER_MS = 10_000;

export function OperationStrip({
  shown,
  acts,
  may,
  onCancel,
  onUndo,
  onDismiss,
}: {
  readonly shown: Shown;
  readonly acts: Acts;
  readonly may: Readonly<Record<Act, boolean>>;
  readonly onCancel: (id: string) => void;
  readonly onUndo: (id: string) => void;
  readonly onDismiss: (id: string) => void;
}) {
  const { operation, isAsked, fault } = shown;
  const { id, total, pending, status, finishedAt, undoable } = operation;
  // What would be permanent is asked about at once: without the reason, nobody would look for it.
  const isRefused = operation.failures.some(({ code }) => code === 'PERMANENT_DELETION_REFUSED');
  const [isOpen, setOpen] = useState<boolean>();
  const isUnfolded = isOpen ?? (isRefused && operation.finishedAt !== null);
  const act = toAct(operation);
  const title = words.title(act, total);
  const failed = countFailed(operation);
  const isGoing = finishedAt === null;
  return (
    <section className="strip" aria-label={title}>
      {isGoing && (
        <>
          <strong>{title}</strong>
          <progress aria-label={words.progress} max={total} value={total - pending} />
        </>
      )}
      <span className="so-far">{[...toFacts(operation), ...useRest(shown)].join(' · ')}</span>
      <span className="row-end">
        {isGoing && status !== 'CANCELLED' && may[act] && (
          <Button className={isAsked ? 'link waiting' : 'link'} onPress={() => isAsked || onCancel(id)}>
            {words.cancel}
          </Button>
        )}
        {!isGoing && failed > 0 && (
          <Button className="link" aria-expanded={isUnfolded} onPress={() => setOpen(!isUnfolded)}>
            {isUnfolded ? words.hide : words.show(failed)}
          </Button>
        )}
        {!isGoing && undoable && may.restore && (
          <Button className={isAsked ? 'link waiting' : 'link'} onPress={() => isAsked || onUndo(id)}>
            {words.undo}
          </Button>
        )}
        {!isGoing && (
          <Button className="link" onPress={() => onDismiss(id)}>
            {words.dismiss}
          </Button>
        )}
      </span>
      {fault && (
        <p className="whole" role="alert">
          {fault}
        </p>
      )}
      {isUnfolded && <FailedVideos operation={operation} acts={acts} may={may[act]} />}
    </section>
  );
}

/** How long it will still take, or why nobody knows. */
function useRest({ operation, at, stillSince }: Shown): readonly string[] {
  const { etaSeconds, status, finishedAt } = operation;
  const seconds = useSeconds(at + (etaSeconds ?? 0) * 1000);
  if (finishedAt !== null) return [];
  if (status === 'CANCELLED') return [words.cancelling];
  if (etaSeconds === null) return at - stillSince >= WAITS_AFTER_MS ? [words.waiting] : [];
  return seconds > 0 ? [words.timeLeft(seconds)] : [];
}
