// What is ticked in a list, and what a press on a box, on "Select all" or on the Delete key makes of it.
import { useCallback, useEffect, useMemo } from 'react';
import type { Selection } from 'react-aria-components';
import type { Acts } from '../acts/acts.ts';
import type { VideoFilter } from '../generated/documents.ts';
import type { ListKind } from './list-kind.ts';
import { type Collecting, useCollectedIds } from './use-collected-ids.ts';
import type { Pages } from './use-pages.ts';
import type { Ticks } from './use-ticks.ts';

export type Selected = {
  readonly size: number;
  /** How many of them the list does not show: of another filter, or of pages that it has not read. */
  readonly hidden: number;
  /** Whether rows can be ticked at all. */
  readonly hasTickable: boolean;
  /** Whether each row that is loaded, and can be ticked, is ticked. */
  readonly isAllLoaded: boolean;
  /** Whether there is more to tick than what is loaded. */
  readonly mayCollect: boolean;
  readonly collecting: Collecting;
  /** How many one call takes, if more are ticked. */
  readonly mostAtOnce: number | undefined;
  readonly tick: (selection: Selection) => void;
  readonly tickLoaded: () => void;
  /** Deletes or restores what is ticked, else that video. Nothing while ids are collected: the number is not known. */
  readonly act: (id?: string) => void;
};

export function useSelected<Order>({
  kind,
  filter,
  pages: { rows, hasMore, isOutdated, isOtherList },
  ticks,
  acts,
  most,
}: {
  readonly kind: ListKind<Order>;
  readonly filter: VideoFilter | null;
  readonly pages: Pages;
  readonly ticks: Ticks;
  readonly acts: Pick<Acts, 'run' | 'isBusy'>;
  /** How many videos one call takes. */
  readonly most: number;
}): Selected {
  const { run } = acts;
  const isBusy = acts.isBusy[kind.act];
  const tickable = useMemo(
    () => (isOtherList ? [] : (rows ?? [])).flatMap(({ id, probe }) => (probe || isBusy(id) ? [] : [id])),
    [rows, isOtherList, isBusy],
  );
  const shown = useMemo(() => (rows ?? []).filter(({ id }) => ticks.has(id)).length, [rows, ticks]);
  const isAllLoaded = useMemo(() => tickable.length > 0 && tickable.every(ticks.has), [tickable, ticks]);
  const collecting = useCollectedIds(kind, filter, ticks, isBusy);

  const { add, set, forgetRange, toIds, size } = ticks;
  const scope = JSON.stringify(filter);
  // The row at which a range with Shift begins may not be in the next list.
  useEffect(() => forgetRange, [scope, forgetRange]);

  const tickLoaded = useCallback(() => add(tickable), [add, tickable]);
  const mostAtOnce = size > most ? most : undefined;
  const isCollecting = collecting.progress !== undefined;
  return {
    size,
    hidden: size - shown,
    hasTickable: tickable.length > 0,
    isAllLoaded,
    mayCollect: isAllLoaded && hasMore && !isOutdated && !collecting.isDone,
    collecting,
    mostAtOnce,
    tick(selection) {
      if (selection === 'all') tickLoaded();
      else set(selection);
    },
    tickLoaded,
    act(id) {
      if (isCollecting || mostAtOnce !== undefined) return;
      if (size > 0) run(kind.act, toIds());
      else if (id !== undefined && tickable.includes(id)) run(kind.act, [id]);
    },
  };
}
