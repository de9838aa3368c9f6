// What failed, why, and what can be done about it. It shows on both tabs until it is dismissed or has succeeded.
import { retryLater } from 'apivideo-graphql-client';
import { Button } from 'react-aria-components';
import type { Act } from '../words.ts';
import { failure, report as words } from '../words-of-acts.ts';
import type { Acts } from './acts.ts';
import { toName } from './call.ts';
import { isOpen, type Noted, type Report, type Unanswered } from './reports.ts';
import { Titles } from './titles.tsx';
import { useSeconds } from './use-seconds.ts';

export function FailurePanels({ acts }: { readonly acts: Acts }) {
  return acts.reports.map((report) => <FailurePanel key={report.act} report={report} acts={acts} />);
}

/** How many titles a reason names. */
const NAMED = 3;

function FailurePanel({ report, acts }: { readonly report: Report; readonly acts: Acts }) {
  const { act, failures, unanswered, isLooking, lookFault } = report;
  const retry = retryLater(failures);
  const waits = failures.map(({ at, retryAfterSeconds }) => at + (retryAfterSeconds ?? 0) * 1000);
  const seconds = useSeconds(Math.max(0, ...waits));
  return (
    <section className="failed" aria-label={words.label}>
      {/* Without the buttons: each second of theirs would be read out. */}
      <div role="alert">
        {toHeadings(act, failures).map((heading) => (
          <p key={heading}>
            <strong>{heading}</strong>
          </p>
        ))}
        {failures.length > 0 && (
          <ul>
            {Object.entries(Object.groupBy(failures, toReason)).map(([reason, of = []]) => (
              <li key={reason}>
                {reason}: <Titles ids={of.map(({ videoId }) => videoId)} most={NAMED} />
              </li>
            ))}
          </ul>
        )}
        {[...new Set(unanswered.map(({ text }) => text))].map((text) => (
          <p key={text}>{text}</p>
        ))}
        {lookFault && failures.some(isOpen) && <p>{words.notLooked(lookFault)}</p>}
      </div>
      <div className="row-end">
        {retry && (
          <Button className="link" isDisabled={seconds > 0} onPress={() => acts.run(act, retry.ids)}>
            {words.again(retry.ids.length, seconds)}
          </Button>
        )}
        {unanswered.map((each) => (
          <Repeat key={toName(each.call)} unanswered={each} acts={acts} />
        ))}
        {failures.some(isOpen) && (
          <Button className={isLooking ? 'link waiting' : 'link'} onPress={() => isLooking || acts.look(act)}>
            {isLooking ? words.looking : words.look}
          </Button>
        )}
        <Button className="link" onPress={() => acts.dismiss(act)}>
          {words.dismiss}
        </Button>
      </div>
    </section>
  );
}

function Repeat({ unanswered, acts }: { readonly unanswered: Unanswered; readonly acts: Acts }) {
  const { call } = unanswered;
  return (
    <Button className="link" onPress={() => acts.repeat(call)}>
      {words.again(call.ids.length, 0)}
    </Button>
  );
}

type Heading = 'destroyed' | 'notDone' | 'notSoFar' | 'notKnown';

const ORDER: readonly Heading[] = ['destroyed', 'notDone', 'notSoFar', 'notKnown'];
/** All others are known not to have worked. */
const HEADINGS: Readonly<Record<string, Heading>> = {
  DESTROYED: 'destroyed',
  NOT_DONE: 'notSoFar',
  NO_ANSWER: 'notKnown',
  OUTCOME_UNKNOWN: 'notKnown',
};

function toHeadings(act: Act, failures: readonly Noted[]): readonly string[] {
  const by = Object.groupBy(failures, ({ code }) => HEADINGS[code] ?? 'notDone');
  return ORDER.flatMap((heading) => {
    const of = by[heading];
    return of ? [words[heading](act, of.length)] : [];
  });
}

const toReason = ({ code, at }: Noted) => (code === 'NOT_DONE' ? words.notDoneAt(at) : failure(code));
