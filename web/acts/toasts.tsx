// Shows the messages. Their clock stops while the pointer or the focus is on them.
import {
  Button,
  Text,
  UNSTABLE_Toast as Toast,
  UNSTABLE_ToastContent as ToastContent,
  UNSTABLE_ToastRegion as ToastRegion,
} from 'react-aria-components';
import { Icon } from '../icon.tsx';
import { messages as words } from '../words-of-acts.ts';
import { messages } from './say.ts';

export function Toasts() {
  return (
    <ToastRegion queue={messages} className="toasts" aria-label={words.label}>
      {({ toast }) => (
        <Toast toast={toast} className="toast">
          <ToastContent>
            <Text slot="title">{toast.content.text}</Text>
          </ToastContent>
          {toast.content.undo && (
            <Button className="link" onPress={toast.content.undo}>
              {words.undo}
            </Button>
          )}
          <Button slot="close" className="icon-button" aria-label={words.dismiss}>
            <Icon name="close" />
          </Button>
        </Toast>
      )}
    </ToastRegion>
  );
}
