// What can be done with the ticked videos. It takes the place of the filters, at the same height, while something is ticked.
import { Button } from 'react-aria-components';
import { Box } from '../box.tsx';
import { Icon } from '../icon.tsx';
import { type Act, verb, videos, selection as words } from '../words.ts';
import type { Selected } from './use-selected.ts';

export function TickBar({
  act,
  mayAct,
  selected,
  total,
  isFiltered,
  isBusy,
  waitSeconds,
  hasFocusedBox,
  onFilter,
  onClear,
  onAct,
}: {
  readonly act: Act;
  readonly mayAct: boolean;
  readonly selected: Selected;
  /** How many videos match. */
  readonly total: number;
  readonly isFiltered: boolean;
  readonly isBusy: boolean;
  /** How long the call will take, if that is worth saying. */
  readonly waitSeconds: number | undefined;
  /** Whether the box among the filters, in whose place this one stands, had the focus. */
  readonly hasFocusedBox: boolean;
  readonly onFilter: () => void;
  readonly onClear: () => void;
  readonly onAct: () => void;
}) {
  const { isAllLoaded, collecting, mostAtOnce } = selected;
  const { progress } = collecting;
  return (
    <div className="bar" role="toolbar" aria-label={words.label}>
      <Box
        aria-label={isAllLoaded ? words.clearAll : words.selectLoaded}
        isSelected={isAllLoaded}
        isIndeterminate={!isAllLoaded}
        autoFocus={hasFocusedBox}
        onChange={isAllLoaded ? onClear : selected.tickLoaded}
      />
      {progress ? (
        <>
          <span role="status">{words.collected(progress.found, progress.total || total)}</span>
          <progress aria-label={words.collecting} max={progress.total || total} value={progress.found} />
          <Button className="link" onPress={collecting.cancel}>
            {words.cancel}
          </Button>
        </>
      ) : (
        <>
          <span className="ticked">
            <strong>{words.selected(selected.size)}</strong>
            {selected.hidden > 0 && <span className="quiet">{words.notInView(selected.hidden)}</span>}
          </span>
          {selected.mayCollect && (
            <Button className="link" onPress={collecting.start}>
              {words.selectAll(total, isFiltered)}
            </Button>
          )}
          <Button className="link" onPress={onClear}>
            {words.clear}
          </Button>
          {collecting.fault && <span role="alert">{collecting.fault}</span>}
          <span className="end">
            <Button className="icon-button" aria-label={words.filter} onPress={onFilter}>
              <Icon name="search" />
            </Button>
            {mostAtOnce !== undefined ? (
              <span role="alert">{words.tooMany(mostAtOnce)}</span>
            ) : (
              waitSeconds !== undefined && (
                <span className="quiet" title={words.limit}>
                  {words.about(waitSeconds)}
                </span>
              )
            )}
            {/* Not by React Aria's `isPending`: its announcement names the button, which has gone by then. */}
            <span className="quiet" role="status">
              {isBusy && `${verb(act).going}…`}
            </span>
            {mayAct && (
              <Button
                className={`button ${act === 'delete' ? 'danger' : 'main'}`}
                isDisabled={mostAtOnce !== undefined}
                onPress={onAct}
              >
                {verb(act).name} {videos(selected.size)}
              </Button>
            )}
          </span>
        </>
      )}
    </div>
  );
}
