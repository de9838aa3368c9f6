// One of the two lists as a page: the bar above, what has happened below it, and the rows.
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Acts } from '../acts/acts.ts';
import { toFilter, useView } from '../address.ts';
import { Box } from '../box.tsx';
import { selection, lists as words } from '../words.ts';
import { Filters } from './filters.tsx';
import { ListBody } from './list-body.tsx';
import { type ListKind, toOrder, wordsOf } from './list-kind.ts';
import { Fault } from './list-states.tsx';
import { TickBar } from './tick-bar.tsx';
import { useFocusKept } from './use-focus-kept.ts';
import { usePages } from './use-pages.ts';
import { focusSearch, useSearchKey } from './use-search-key.ts';
import { useSelected } from './use-selected.ts';
import type { Ticks } from './use-ticks.ts';
import { useWait } from './use-wait.ts';
import { VideoList } from './video-list.tsx';

export function ListPage<Order>({
  kind,
  ticks,
  acts,
  mayAct,
  most,
  onPreview,
  onShown,
  onRetry,
  children,
}: {
  readonly kind: ListKind<Order>;
  readonly ticks: Ticks;
  readonly acts: Acts;
  readonly mayAct: boolean;
  /** How many videos one call takes. */
  readonly most: number;
  readonly onPreview: (id: string) => void;
  /** The list, or why it could not be read, is on the screen. */
  readonly onShown: () => void;
  /** The user has asked for the list to be read again. */
  readonly onRetry: () => void;
  /** What stands between the bar and the rows. */
  readonly children: React.ReactNode;
}) {
  const { act, name } = kind;
  const { heading, empty } = wordsOf(kind);
  const [view, change] = useView();
  const filter = useMemo(() => toFilter(view), [view]);
  const read = usePages(kind, filter, view.sort);
  const pages = {
    ...read,
    retry() {
      read.retry();
      onRetry();
    },
  };
  const { rows, total } = pages;
  const selected = useSelected({ kind, filter, pages, ticks, acts, most });
  const waitSeconds = useWait(ticks.size);
  const list = useRef<HTMLDivElement>(null);
  useFocusKept(list);
  const isShown = rows !== undefined || pages.fault !== undefined;
  useEffect(() => {
    if (isShown) onShown();
  }, [isShown, onShown]);

  // With something ticked, the filters come when they are asked for, and go with the focus.
  const [isFiltering, setFiltering] = useState(false);
  const hasFilters = ticks.size === 0 || isFiltering;
  useEffect(() => {
    if (isFiltering) focusSearch();
  }, [isFiltering]);
  const onFilter = () => {
    if (hasFilters) focusSearch();
    else setFiltering(true);
  };
  useSearchKey(onFilter);

  const { run } = acts;
  const onAct = useCallback((id: string) => run(act, [id]), [run, act]);
  // The bar's box is another one as soon as something is ticked, and keeps the focus.
  const isByBox = useRef(false);
  useEffect(() => {
    isByBox.current = false;
  });
  const box = mayAct && (
    <Box
      aria-label={selection.selectLoaded}
      isSelected={selected.isAllLoaded}
      isIndeterminate={ticks.size > 0 && !selected.isAllLoaded}
      isDisabled={!selected.hasTickable}
      onChange={() => {
        isByBox.current = true;
        selected.tickLoaded();
      }}
    />
  );

  return (
    <>
      <div className="page">
        <h1 className="hidden">{heading}</h1>
        {hasFilters ? (
          <Filters
            view={view}
            change={change}
            orders={kind.orders}
            order={toOrder(kind, view.sort).name}
            total={rows && total}
            ticked={ticks.size}
            onLeave={(to) => {
              setFiltering(false);
              if (to === 'rows') list.current?.focus();
            }}
          >
            {box}
          </Filters>
        ) : (
          <TickBar
            act={act}
            mayAct={mayAct}
            selected={selected}
            total={total}
            isFiltered={filter !== null}
            isBusy={acts.calls.some((call) => call.act === act)}
            waitSeconds={waitSeconds}
            hasFocusedBox={isByBox.current}
            onFilter={onFilter}
            onClear={() => {
              ticks.clear();
              list.current?.focus();
            }}
            onAct={() => selected.act()}
          />
        )}
        {children}
        {name === 'removed' && rows && rows.length > 0 && <p className="hint">{words.removed.hint}</p>}
        {rows && pages.fault && <Fault text={pages.fault} onRetry={pages.retry} />}
      </div>
      <ListBody
        pages={pages}
        empty={empty}
        onShowAll={filter ? () => change({ title: '', tag: '' }) : undefined}
      >
        <VideoList
          label={heading}
          name={pages.name}
          rows={rows ?? []}
          more={pages.more}
          isOtherList={pages.isOtherList}
          ticked={ticks.keys}
          onTick={selected.tick}
          isBusy={acts.isBusy[act]}
          listRef={list}
          onDelete={act === 'delete' && mayAct ? selected.act : undefined}
          onPreview={onPreview}
          onAct={mayAct ? onAct : undefined}
        />
      </ListBody>
    </>
  );
}
