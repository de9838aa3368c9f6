// The key `/` leads to the search field, wherever the focus is, but not out of a dialog or while somebody types.
import { useEffect, useRef } from 'react';

export const focusSearch = () => document.querySelector<HTMLElement>('[data-search="title"]')?.focus();

export function useSearchKey(onSearch: () => void): void {
  const latest = useRef(onSearch);
  latest.current = onSearch;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || !isFree(event.target))
        return;
      event.preventDefault();
      latest.current();
    };
    addEventListener('keydown', onKey, { capture: true });
    return () => removeEventListener('keydown', onKey, { capture: true });
  }, []);
}

const ELSEWHERE =
  '[role="dialog"], [role="alertdialog"], [role="menu"], textarea, input:not([type="checkbox"])';

const isFree = (target: EventTarget | null) => !(target instanceof Element && target.closest(ELSEWHERE));
