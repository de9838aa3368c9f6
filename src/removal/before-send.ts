// Lets a caller record a write before it is sent, or withdraw it.
import type { Gate } from '../upstream/caller.ts';
import { CancelledError } from '../upstream/upstream-errors.ts';

/**
 * Called right before each attempt to send the write of a video, once the budget has a place for it: the first, each after a
 * 429 or 401, and each repeat. With false, the write is withheld. With true, it is sent at once, unless its turn is over
 * meanwhile: then this is called again for it.
 *
 * @param isSeen - whether a look has just shown the video in the state that the write changes.
 */
export type BeforeSend = (id: string, isSeen: boolean) => Promise<boolean>;

/** @throws {CancelledError} if the write is withdrawn. */
export async function confirmSend(
  id: string,
  beforeSend: BeforeSend | undefined,
  isSeen: boolean,
): Promise<void> {
  if (beforeSend && !(await beforeSend(id, isSeen)))
    throw new CancelledError('the write was withdrawn', 'withdrawn');
}

/**
 * A gate that waits for nothing but the hook.
 *
 * @param onSend - called with true right before each attempt, and with false if it had no effect.
 */
export function createHookGate(
  id: string,
  beforeSend: BeforeSend | undefined,
  onSend: (isSent: boolean) => void,
  isSeen: () => boolean,
): Gate {
  return {
    isOpen: true,
    readsNeeded: 0,
    isRefused: false,
    enter() {},
    leave: () => onSend(false),
    async beforeSend() {
      await confirmSend(id, beforeSend, isSeen());
      onSend(true);
    },
  };
}
