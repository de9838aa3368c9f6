// Asks before videos are deleted permanently: by typing, and with the focus on the button that keeps them.
import '../styles/dialogs.css';
import { useApolloClient } from '@apollo/client/react';
import { useState } from 'react';
import { Button, Dialog, Heading, Input, Label, Modal, ModalOverlay, TextField } from 'react-aria-components';
import { report, permanent as words } from '../words-of-acts.ts';
import { titlesOf } from './title-of.ts';

/** How many titles it lists. */
const LISTED = 5;

export function PermanentDeletion({
  ids,
  onKeep,
  onDelete,
}: {
  readonly ids: readonly string[];
  /** Both get the ids that the user has seen: more may have come since. */
  readonly onKeep: (ids: readonly string[]) => void;
  readonly onDelete: (ids: readonly string[]) => void;
}) {
  const client = useApolloClient();
  const [typed, setTyped] = useState('');
  const count = ids.length;
  const phrase = words.phrase(count);
  // "Delete 1,000", too, means it.
  const isTyped = typed.trim().replaceAll(/\s+/g, ' ').replaceAll(',', '').toLowerCase() === phrase;
  return (
    <ModalOverlay className="veil" isOpen onOpenChange={(isOpen) => !isOpen && onKeep(ids)}>
      <Modal className="dialog">
        <Dialog role="alertdialog">
          <Heading slot="title">{words.title(count)}</Heading>
          <p>
            {words.text} <strong>{words.notYet(count)}</strong>
          </p>
          <ul>
            {titlesOf(client, ids.slice(0, LISTED)).map((title, index) => (
              <li key={ids[index]} dir="auto">
                {title}
              </li>
            ))}
            {count > LISTED && <li>{report.andMore(count - LISTED)}</li>}
          </ul>
          <p>{words.instead}</p>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              if (isTyped) onDelete(ids);
            }}
          >
            <TextField className="typed" value={typed} onChange={setTyped} autoComplete="off">
              <Label>
                {words.type} <strong>{phrase}</strong> {words.toDelete(count)}
              </Label>
              <span className="field">
                <Input spellCheck={false} autoCapitalize="off" />
              </span>
            </TextField>
            <div className="row-end">
              <Button className="button" onPress={() => onKeep(ids)} autoFocus>
                {words.keep(count)}
              </Button>
              <Button className="button danger" type="submit" isDisabled={!isTyped}>
                {words.confirm}
              </Button>
            </div>
          </form>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
