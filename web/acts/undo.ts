// Takes deletions back: by the button beside the message, or the last one by Ctrl+Z. Each once, and one that is still on its way
// as soon as its answer has come.
import { undo as words } from '../words-of-acts.ts';
import { say } from './say.ts';

/** How many deletions Ctrl+Z remembers. */
const MOST = 50;

/** One deletion, from the press on. */
export type Deletion = {
  /** Says what was removed, with a way to take it back. */
  readonly offer: (text: string, removed: readonly string[]) => void;
  /** There is nothing to take back here. @param why - for a user who has asked for it already. */
  readonly forget: (why?: string) => void;
};

export class Undo {
  readonly #restore: (ids: readonly string[]) => void;
  /** What takes each back, the newest last. */
  #undos: readonly (() => void)[] = [];
  /** Whether something was typed since the last deletion. */
  #hasTyped = false;

  constructor(restore: (ids: readonly string[]) => void) {
    this.#restore = restore;
  }

  /** For as long as the page lives. */
  listen(): void {
    addEventListener('input', ({ target }) => {
      if (isField(target)) this.#hasTyped = true;
    });
    addEventListener('keydown', (event) => {
      const isUndo = event.key.toLowerCase() === 'z' && (event.ctrlKey || event.metaKey) && !event.shiftKey;
      // In a field, the browser undoes what was typed, unless the deletion was later. A key that is held undoes once.
      if (!isUndo || event.altKey || event.repeat || (this.#hasTyped && isField(event.target))) return;
      const undo = this.#undos.at(-1);
      if (!undo) return;
      event.preventDefault();
      undo();
    });
  }

  begin(): Deletion {
    this.#hasTyped = false;
    let isWanted = false;
    let removed: readonly string[] | undefined;
    let close = () => {};
    const undo = () => {
      this.#forget(undo);
      close();
      if (removed) this.#restore(removed);
      else isWanted = true;
    };
    this.#undos = [...this.#undos.slice(1 - MOST), undo];
    return {
      offer: (text, ids) => {
        removed = ids;
        if (isWanted) this.#restore(ids);
        else close = say(text, undo);
      },
      forget: (why = words.notYet) => {
        this.#forget(undo);
        if (isWanted) say(why);
      },
    };
  }

  #forget(undo: () => void): void {
    this.#undos = this.#undos.filter((each) => each !== undo);
  }
}

const isField = (target: EventTarget | null) =>
  target instanceof HTMLTextAreaElement ||
  (target instanceof HTMLInputElement && !['checkbox', 'button'].includes(target.type));
