// Asks for credentials over the page, which stays as it is. If a proxy in front wants them, only a reload leads there.
import '../styles/dialogs.css';
import { useState } from 'react';
import {
  Button,
  Checkbox,
  Dialog,
  FieldError,
  Heading,
  Input,
  Label,
  Modal,
  ModalOverlay,
  TextField,
} from 'react-aria-components';
import { Icon } from '../icon.tsx';
import { signIn as words } from '../words.ts';
import { type Asking, declineSignIn, signIn, signOut } from './session.ts';
import { type AuthMode, readAuthMode, toAuthorization } from './token.ts';

export function SignIn({ asking }: { readonly asking: Asking }) {
  const mode = asking === 'elsewhere' ? 'none' : readAuthMode();
  return (
    <ModalOverlay className="veil" isOpen onOpenChange={(isOpen) => !isOpen && declineSignIn()}>
      <Modal className="dialog">
        <Dialog>
          <Heading slot="title">{words.title}</Heading>
          {mode === 'none' ? <Elsewhere /> : <Credentials mode={mode} asking={asking} />}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function Elsewhere() {
  return (
    <>
      <p>{words.elsewhere}</p>
      <div className="row-end">
        <Button className="button" slot="close">
          {words.notNow}
        </Button>
        <Button className="button main" autoFocus onPress={() => location.reload()}>
          {words.reload}
        </Button>
      </div>
    </>
  );
}

function Credentials({
  mode,
  asking,
}: {
  readonly mode: Exclude<AuthMode, 'none'>;
  readonly asking: Asking;
}) {
  const [typed, setTyped] = useState('');
  const [isKept, setKept] = useState(false);
  const [problem, setProblem] = useState<string | undefined>(
    asking === 'refused' ? words.refused : undefined,
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const authorization = toAuthorization(typed, mode);
        if (authorization === undefined) setProblem(words.unfit);
        else if (!signIn(authorization, isKept)) setProblem(words.somebodyElse);
      }}
    >
      <p>{asking === 'ended' ? words.ended : words[mode].text}</p>
      <TextField
        className="typed"
        type="password"
        name="password"
        autoComplete="current-password"
        value={typed}
        onChange={(text) => {
          setTyped(text);
          setProblem(undefined);
        }}
        isInvalid={problem !== undefined}
        validationBehavior="aria"
        autoFocus
      >
        <Label>{words[mode].label}</Label>
        <span className="field">
          <Input spellCheck={false} />
        </span>
        <FieldError className="problem">{problem}</FieldError>
      </TextField>
      <Checkbox className="box kept" isSelected={isKept} onChange={setKept}>
        <span>
          <Icon name="check" />
        </span>
        {words.keep}
      </Checkbox>
      <div className="row-end">
        <Button className="button" onPress={declineSignIn}>
          {words.notNow}
        </Button>
        {problem === words.somebodyElse && (
          <Button className="button" onPress={signOut}>
            {words.out}
          </Button>
        )}
        <Button className="button main" type="submit">
          {words.submit}
        </Button>
      </div>
    </form>
  );
}
