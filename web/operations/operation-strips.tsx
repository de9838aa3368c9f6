// A strip for each operation, over both lists and over reloads. What is new it says aloud as well: the start, each tenth and the
// end of an operation, not every second.
import { useEffect, useRef, useState } from 'react';
import { Button } from 'react-aria-components';
import type { Acts } from '../acts/acts.ts';
import { type Act, operations as words } from '../words.ts';
import { OperationStrip } from './operation-strip.tsx';
import { toSentence } from './sentences.ts';
import type { Operations } from './shown.ts';

/** More would leave no room for the list. */
const MOST = 3;

export function OperationStrips({
  operations,
  acts,
  may,
}: {
  readonly operations: Operations;
  readonly acts: Acts;
  readonly may: Readonly<Record<Act, boolean>>;
}) {
  const [isUnfolded, setUnfolded] = useState(false);
  const { list } = operations;
  const folded = list.length - MOST;
  return (
    <div>
      <Aloud list={list} />
      {(isUnfolded ? list : list.slice(0, MOST)).map((shown) => (
        <OperationStrip
          key={shown.operation.id}
          shown={shown}
          acts={acts}
          may={may}
          onCancel={operations.cancel}
          onUndo={operations.undo}
          onDismiss={operations.dismiss}
        />
      ))}
      {folded > 0 && (
        <Button className="link" aria-expanded={isUnfolded} onPress={() => setUnfolded(!isUnfolded)}>
          {isUnfolded ? words.fewer : words.more(folded)}
        </Button>
      )}
    </div>
  );
}

function Aloud({ list }: Pick<Operations, 'list'>) {
  const said = useRef(new Map<string, string>());
  const [text, setText] = useState('');
  useEffect(() => {
    const news = list.flatMap(({ operation }) => {
      const sentence = toSentence(operation);
      if (said.current.get(operation.id) === sentence) return [];
      said.current.set(operation.id, sentence);
      return [sentence];
    });
    if (news.length > 0) setText(news.join('. '));
  }, [list]);
  return (
    <p className="hidden" role="status">
      {text}
    </p>
  );
}
