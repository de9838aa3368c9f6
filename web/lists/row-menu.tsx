// What can be done with one video: one menu for all rows, at the button that opened it.
import '../styles/dialogs.css';
import type { RefObject } from 'react';
import { Menu, MenuItem, Popover } from 'react-aria-components';
import { say } from '../acts/say.ts';
import { copyText } from '../preview/copy-text.ts';
import { facts, verb, row as words } from '../words.ts';
import type { Row } from './list-kind.ts';
import { nameOf } from './name-of.ts';
import type { RowActs } from './row.tsx';

export function RowMenu({
  video,
  isBusy,
  button,
  onClose,
  onPreview,
  onAct,
}: RowActs & {
  readonly video: Row;
  readonly isBusy: boolean;
  readonly button: RefObject<Element | null>;
  readonly onClose: () => void;
}) {
  const { id, removed } = video;
  const label = words.actions(nameOf(video));
  return (
    <Popover
      className="popover"
      placement="bottom end"
      triggerRef={button}
      isOpen
      onOpenChange={onClose}
      aria-label={label}
    >
      <Menu className="menu" aria-label={label} autoFocus="first" onClose={onClose}>
        <MenuItem onAction={() => onPreview(id)}>{removed ? words.details : words.preview}</MenuItem>
        <MenuItem onAction={async () => say((await copyText(id)) ? facts.idCopied : facts.notCopied)}>
          {words.copyId}
        </MenuItem>
        {onAct && !video.probe && !isBusy && (
          <MenuItem className={removed ? '' : 'danger'} onAction={() => onAct(id)}>
            {verb(removed ? 'restore' : 'delete').name}
          </MenuItem>
        )}
      </Menu>
    </Popover>
  );
}
