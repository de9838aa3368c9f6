// Keeps the focus in the page when the element that had it goes, such as a row that was deleted or a button of the bar.
import { type RefObject, useEffect } from 'react';

/** Moves it to the list, or to the search field if there are no rows. */
export function useFocusKept(list: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    let last: Element | undefined;
    let frame = 0;
    const onFocusIn = ({ target }: FocusEvent) => {
      last = target instanceof Element ? target : undefined;
    };
    const keep = () => {
      if (!last || last.isConnected || document.activeElement !== document.body) return;
      last = undefined;
      (list.current ?? document.querySelector<HTMLElement>('[data-search]'))?.focus();
    };
    // Browsers send no event when an element is removed while it has the focus. React Aria moves it in a frame of its own.
    const observer = new MutationObserver(() => {
      cancelAnimationFrame(frame);
      if (last && !last.isConnected) frame = requestAnimationFrame(() => requestAnimationFrame(keep));
    });
    document.addEventListener('focusin', onFocusIn);
    observer.observe(document.body, { childList: true, subtree: true });
    return () => {
      document.removeEventListener('focusin', onFocusIn);
      observer.disconnect();
      cancelAnimationFrame(frame);
    };
  }, [list]);
}
