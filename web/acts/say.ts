// Says what has just happened, for a while, with a way back. React Aria calls its toasts unstable: only this file and toasts.tsx
// know them.
import { UNSTABLE_ToastQueue as ToastQueue } from 'react-aria-components';

export type Message = { readonly text: string; readonly undo: (() => void) | undefined };

/** Ten seconds to read, and twenty where there is something to press. */
const READ_MS = 10_000;
const UNDO_MS = 20_000;

export const messages = new ToastQueue<Message>({ maxVisibleToasts: 3 });

/** @returns what takes the message away. */
export function say(text: string, undo?: () => void): () => void {
  const key = messages.add({ text, undo }, { timeout: undo ? UNDO_MS : READ_MS });
  return () => messages.close(key);
}
