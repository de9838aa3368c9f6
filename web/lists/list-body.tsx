// The rows of a list, or what there is to say in their place.
import type { ReactNode } from 'react';
import { lists as words } from '../words.ts';
import { Fault, Message, Missing, Placeholders, Rest } from './list-states.tsx';
import type { Pages } from './use-pages.ts';

export function ListBody({
  pages,
  empty,
  onShowAll,
  children,
}: {
  readonly pages: Pages;
  /** What an empty list says of itself. */
  readonly empty: { readonly title: string; readonly text: string };
  /** Undefined if nothing is filtered. */
  readonly onShowAll: (() => void) | undefined;
  /** The rows. */
  readonly children: ReactNode;
}) {
  const { rows, total, hasMore, isOutdated, fault, retry, more } = pages;
  const body = () => {
    if (!rows && fault)
      return <Message title={words.unread} text={fault} onRetry={retry} onShowAll={onShowAll} />;
    if (!rows || (rows.length === 0 && isOutdated)) return <Placeholders />;
    if (rows.length > 0) return children;
    if (hasMore) return more.fault ? null : <Rest load={more.load} />;
    if (total > 0) return <Missing total={total} onRetry={retry} />;
    return onShowAll ? <Message {...words.noMatch} onShowAll={onShowAll} /> : <Message {...empty} />;
  };
  return (
    <div className="pane" aria-busy={isOutdated} data-outdated={isOutdated || undefined}>
      {body()}
      {more.fault && <Fault text={more.fault} onRetry={more.retry} />}
    </div>
  );
}
