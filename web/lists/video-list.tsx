// The rows, of which only those in view are in the document, and what the keyboard does on them.
import {
  type RefObject,
  Suspense,
  useCallback,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import {
  Collection,
  GridList,
  GridListLoadMoreItem,
  type Key,
  ListLayout,
  type Selection,
  Virtualizer,
} from 'react-aria-components';
import { RowMenu } from '../lazy-parts.ts';
import { lists } from '../words.ts';
import type { Row } from './list-kind.ts';
import { type RowActs, RowContext, VideoRow } from './row.tsx';
import type { Pages } from './use-pages.ts';

/** In the unit of the text, as in the style sheet: rows grow with the size of text that the browser is set to. */
const ROW_REM = 4.5;
const NARROW_ROW_REM = 5.5;
const toPixels = (rem: number) => rem * parseFloat(getComputedStyle(document.documentElement).fontSize);

export function VideoList({
  label,
  name,
  rows,
  more,
  isOtherList,
  ticked,
  onTick,
  isBusy,
  listRef,
  onDelete,
  onPreview,
  onAct,
}: RowActs & {
  readonly label: string;
  /** With another one, these are other rows. */
  readonly name: string | undefined;
  readonly rows: readonly Row[];
  readonly more: Pages['more'];
  readonly isOtherList: boolean;
  readonly ticked: ReadonlySet<Key>;
  readonly onTick: (selection: Selection) => void;
  readonly isBusy: (id: string) => boolean;
  readonly listRef: RefObject<HTMLDivElement | null>;
  /** The Delete key was pressed on this row. */
  readonly onDelete: ((id: string) => void) | undefined;
}) {
  const isNarrow = useIsNarrow();
  const layoutOptions = useMemo(
    () => ({ rowHeight: toPixels(isNarrow ? NARROW_ROW_REM : ROW_REM), loaderHeight: 56 }),
    [isNarrow],
  );
  // Another filter or order begins at its first row.
  const shown = useRef(name);
  useLayoutEffect(() => {
    if (shown.current !== name) listRef.current?.scrollTo({ top: 0 });
    shown.current = name;
  }, [name, listRef]);
  const untickable = useMemo(
    () => rows.filter(({ id, probe }) => isOtherList || probe || isBusy(id)).map(({ id }) => id),
    [rows, isOtherList, isBusy],
  );
  const [menu, setMenu] = useState<Row>();
  const button = useRef<Element>(null);
  const onMenu = useCallback((video: Row, target: Element) => {
    button.current = target;
    setMenu(video);
  }, []);
  const onKeyDown = (event: React.KeyboardEvent) => {
    const { key, target, currentTarget } = event;
    // What is pressed in a row's menu comes here too: the menu is in this component, though not in this element.
    if (!(target instanceof Element) || !currentTarget.contains(target)) return;
    const id = target.closest('[data-key]')?.getAttribute('data-key');
    // A key that is held is one wish: it would delete each row that moves up.
    if (!id || event.repeat || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (key === 'Delete') onDelete?.(id);
    // React Aria has an action for this key, or none: here it ticks, as a click does, while something is ticked.
    const isOnRow = target.getAttribute('data-key') === id;
    if (key !== 'Enter' || !isOnRow || ticked.size === 0 || !onAct || untickable.includes(id)) return;
    event.stopPropagation();
    const next = new Set(ticked);
    if (!next.delete(id)) next.add(id);
    onTick(next);
  };
  const rowState = useMemo(
    () => ({ mayTick: onAct !== undefined, isBusy, menuOf: menu?.id, onMenu }),
    [onAct, isBusy, menu, onMenu],
  );
  return (
    <RowContext value={rowState}>
      <div className="list-keys" onKeyDownCapture={onKeyDown}>
        <Virtualizer layout={ListLayout} layoutOptions={layoutOptions}>
          <GridList
            ref={listRef}
            aria-label={label}
            className="list"
            selectionMode={onAct ? 'multiple' : 'none'}
            selectedKeys={ticked}
            onSelectionChange={onTick}
            disabledKeys={untickable}
            disabledBehavior="selection"
            // Five hundred ticks are work.
            escapeKeyBehavior="none"
            onAction={(key) => onPreview(String(key))}
          >
            <Collection items={rows}>{(video) => <VideoRow video={video} />}</Collection>
            <GridListLoadMoreItem
              className="more"
              onLoadMore={more.load}
              isLoading={more.isLoading}
              scrollOffset={2}
            >
              {lists.readingMore}
            </GridListLoadMoreItem>
          </GridList>
        </Virtualizer>
        <Suspense>
          {menu && (
            <RowMenu
              video={menu}
              isBusy={isBusy(menu.id)}
              button={button}
              onClose={() => setMenu(undefined)}
              onPreview={onPreview}
              onAct={onAct}
            />
          )}
        </Suspense>
      </div>
    </RowContext>
  );
}

const narrow = matchMedia('(width < 40rem)');

function useIsNarrow(): boolean {
  return useSyncExternalStore(
    (onChange) => {
      narrow.addEventListener('change', onChange);
      return () => narrow.removeEventListener('change', onChange);
    },
    () => narrow.matches,
  );
}
