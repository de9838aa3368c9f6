// One video of a list: its box, picture, title, date, and the menu of what can be done with it.
import { createContext, memo, useContext } from 'react';
import { Button, GridListItem } from 'react-aria-components';
import { Box } from '../box.tsx';
import { Icon } from '../icon.tsx';
import { daysLeft, facts, onDay, probe, verb, row as words } from '../words.ts';
import type { Row as Video } from './list-kind.ts';
import { nameOf } from './name-of.ts';
import { Thumbnail } from './thumbnail.tsx';

export type RowActs = {
  readonly onPreview: (id: string) => void;
  /** Undefined if the caller may not. */
  readonly onAct: ((id: string) => void) | undefined;
};

export type RowState = {
  readonly mayTick: boolean;
  /** Whether the video is being deleted or restored. */
  readonly isBusy: (id: string) => boolean;
  /** The video whose menu is open. */
  readonly menuOf: string | undefined;
  readonly onMenu: (video: Video, button: Element) => void;
};

/** Not properties of the rows: each change of these would build all 10,000 of them anew, instead of those in the document. */
export const RowContext = createContext<RowState>({
  mayTick: false,
  isBusy: () => false,
  menuOf: undefined,
  onMenu: () => {},
});

export const VideoRow = memo(function VideoRow({ video }: { readonly video: Video }) {
  const { id, removed } = video;
  const name = nameOf(video);
  const left = leftOf(video);
  return (
    <GridListItem
      id={id}
      textValue={left ? `${name}, ${left.text}` : name}
      className={removed ? 'row plain' : 'row'}
    >
      {({ state }) => <RowContent video={video} onShift={() => state.selectionManager.extendSelection(id)} />}
    </GridListItem>
  );
});

const leftOf = ({ removed, deletesAt }: Video) => (removed ? daysLeft(deletesAt, Date.now()) : undefined);

function RowContent({ video, onShift }: { readonly video: Video; readonly onShift: () => void }) {
  const { mayTick, isBusy: isBusyNow, menuOf, onMenu } = useContext(RowContext);
  const { id, removed } = video;
  const name = nameOf(video);
  const left = leftOf(video);
  const isBusy = isBusyNow(id);
  return (
    <>
      {/* React Aria makes a range with Shift on rows and by keys, but not on its box. */}
      <span
        className="box-place"
        onPointerDownCapture={(event) => event.shiftKey && event.stopPropagation()}
        onMouseDownCapture={(event) => event.shiftKey && event.stopPropagation()}
        onClickCapture={(event) => {
          if (!event.shiftKey) return;
          event.preventDefault();
          event.stopPropagation();
          onShift();
        }}
      >
        {mayTick && !video.probe && <Box slot="selection" />}
      </span>
      {removed ? null : <Thumbnail url={video.assets?.thumbnail} />}
      <div className="what">
        <strong dir="auto" title={name} data-untitled={name === id || undefined}>
          {name}
        </strong>
        <Details video={video} />
      </div>
      <div className="when" data-busy={isBusy || undefined}>
        {isBusy ? (
          <span className="left">{verb(removed ? 'restore' : 'delete').going}…</span>
        ) : left ? (
          <span
            className="left"
            data-soon={left.isSoon || undefined}
            title={words.destroyedOn(onDay(video.deletesAt))}
          >
            {left.text}
          </span>
        ) : (
          onDay(video.createdAt)
        )}
      </div>
      <Button
        className="icon-button"
        aria-label={words.actions(name)}
        aria-haspopup="menu"
        aria-expanded={menuOf === id}
        onPress={({ target }) => onMenu(video, target)}
      >
        <Icon name="more" />
      </Button>
    </>
  );
}

function Details({ video }: { readonly video: Video }) {
  if (video.probe)
    return (
      <small title={probe.text}>
        <span>{probe.text}</span>
      </small>
    );
  return (
    <small>
      {video.public === false && (
        <span className="private">
          <Icon name="lock" /> {facts.isPublic(false)}
        </span>
      )}
      {video.tags.length > 0 && <span dir="auto">{video.tags.join(' · ')}</span>}
    </small>
  );
}
