// The videos that an operation has failed for, by reason, and what can be done about them.
import { type OperationDetailsFragment, retryLater } from 'apivideo-graphql-client';
import { useState } from 'react';
import { Button } from 'react-aria-components';
import type { Acts } from '../acts/acts.ts';
import type { Failure } from '../acts/outcome.ts';
import { Titles } from '../acts/titles.tsx';
import { useSeconds } from '../acts/use-seconds.ts';
import { operations as words } from '../words.ts';
import { operationFailure } from '../words-of-acts.ts';
import { countFailed, toAct } from './sentences.ts';
import { useFailures } from './use-failures.ts';

/** How many titles a reason names. */
const NAMED = 10;

export function FailedVideos({
  operation,
  acts,
  may,
}: {
  readonly operation: OperationDetailsFragment;
  readonly acts: Acts;
  /** Whether the caller may do what the operation does. */
  readonly may: boolean;
}) {
  const { read, fault, retry } = useFailures(operation);
  if (fault !== undefined)
    return (
      <p className="whole" role="alert">
        {fault}{' '}
        <Button className="link" onPress={retry}>
          {words.readAgain}
        </Button>
      </p>
    );
  if (!read) return <p className="whole quiet">{words.reading}</p>;
  return (
    <div className="whole">
      <ul>
        {Object.entries(Object.groupBy(read.failures, ({ code }) => code)).map(([code, of = []]) => (
          <li key={code}>
            {operationFailure(code)}: <Titles ids={of.map(({ videoId }) => videoId)} most={NAMED} />
          </li>
        ))}
      </ul>
      {read.failures.length < countFailed(operation) && <p>{words.onlyFirst(read.failures.length)}</p>}
      {may && <Remedies operation={operation} acts={acts} failures={read.failures} at={read.at} />}
    </div>
  );
}

function Remedies({
  operation,
  acts,
  failures,
  at,
}: {
  readonly operation: OperationDetailsFragment;
  readonly acts: Acts;
  readonly failures: readonly Failure[];
  readonly at: number;
}) {
  const act = toAct(operation);
  const again = retryLater(failures);
  const seconds = useSeconds(at + (again?.afterSeconds ?? 0) * 1000);
  const refused = failures.filter(({ code }) => code === 'PERMANENT_DELETION_REFUSED');
  // What is sent again has a strip, a message or a panel of its own, and is not offered twice.
  const [isSent, setSent] = useState(false);
  return (
    <div className="row-end">
      {again && !isSent && (
        <Button
          className="link"
          isDisabled={seconds > 0}
          onPress={() => {
            setSent(true);
            acts.run(act, again.ids);
          }}
        >
          {words.again(again.ids.length, seconds)}
        </Button>
      )}
      {refused.length > 0 && (
        <Button className="link" onPress={() => acts.ask(refused.map(({ videoId }) => videoId))}>
          {words.deletePermanently(refused.length)}
        </Button>
      )}
    </div>
  );
}
