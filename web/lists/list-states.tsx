// What stands in place of the rows, or says why there are no more of them.
import { useEffect } from 'react';
import { Button } from 'react-aria-components';
import { lists as words } from '../words.ts';

export function Fault({ text, onRetry }: { readonly text: string; readonly onRetry: () => void }) {
  return (
    <p className="more" role="alert">
      {text}{' '}
      <Button className="link" onPress={onRetry}>
        {words.tryAgain}
      </Button>
    </p>
  );
}

/** Shown only if the list takes a while: the style sheet delays it. */
export function Placeholders() {
  return (
    <div className="placeholders" role="status" aria-label={words.reading}>
      {Array.from({ length: 8 }, (_, index) => (
        <div key={index} className="row placeholder" aria-hidden="true" />
      ))}
    </div>
  );
}

/** Each of the two buttons stands there if it has something to do. */
export function Message({
  title,
  text,
  onRetry,
  onShowAll,
}: {
  readonly title: string;
  readonly text: string;
  readonly onRetry?: (() => void) | undefined;
  readonly onShowAll?: (() => void) | undefined;
}) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      <p>{text}</p>
      {onRetry && (
        <Button className="button" onPress={onRetry}>
          {words.tryAgain}
        </Button>
      )}
      {onShowAll && (
        <Button className="button" onPress={onShowAll}>
          {words.showAll}
        </Button>
      )}
    </div>
  );
}

/** All rows that were loaded have gone, and there are more: reads on. */
export function Rest({ load }: { readonly load: () => void }) {
  useEffect(load);
  return <Placeholders />;
}

/** There should be videos, but none came: reads the list once more, for somebody may just have deleted them. */
export function Missing({ total, onRetry }: { readonly total: number; readonly onRetry: () => void }) {
  useEffect(onRetry, []);
  return <Message title={words.unread} text={words.unlisted(total)} onRetry={onRetry} />;
}
