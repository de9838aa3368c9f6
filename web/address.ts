// What is shown, kept in the address: a link, a bookmark, a reload and the Back button lead to the same list.
import { useCallback, useMemo } from 'react';
// Not wouter's `useSearchParams`: it decodes the address once before the parameters are decoded, and `%2541` is not `A`.
import { navigate, useSearch } from 'wouter/use-browser-location';
import type { VideoFilter } from './generated/documents.ts';

export type View = {
  readonly title: string;
  readonly tag: string;
  /** The name of an order; empty for the list's own. */
  readonly sort: string;
};

/** The view, and what changes parts of it. Changes replace the entry in the history: Back leaves the list, not the last letter. */
export function useView(): [View, (changes: Partial<View>) => void] {
  const search = useSearch();
  const view = useMemo(() => {
    const params = new URLSearchParams(search);
    const read = (name: keyof View) => params.get(name) ?? '';
    return { title: read('title'), tag: read('tag'), sort: read('sort') };
  }, [search]);
  const change = useCallback((changes: Partial<View>) => {
    const next = new URLSearchParams(location.search);
    for (const [name, value] of Object.entries(changes)) {
      if (value) next.set(name, value);
      else next.delete(name);
    }
    navigate(location.pathname + (next.size > 0 ? `?${next}` : ''), { replace: true });
  }, []);
  return [view, change];
}

const CONTROL = /\p{Cc}+/gu;
/** Blanks, and signs that nobody sees, which a copied title may bring along. */
const UNSEEN = '[\\s\\u00ad\\u061c\\u115f\\u1160\\u180e\\u200b-\\u200f\\u2060-\\u206f\\u2800\\u3164\\uffa0]+';
const ENDS = new RegExp(`^${UNSEEN}|${UNSEEN}$`, 'g');

/** The gateway refuses texts that api.video may misread; what nobody has typed knowingly is left out. */
const toCondition = (text: string) => text.toWellFormed().replace(CONTROL, ' ').replace(ENDS, '');

export function toFilter({ title, tag }: View): VideoFilter | null {
  const [titlePart, wholeTag] = [toCondition(title), toCondition(tag)];
  if (!titlePart && !wholeTag) return null;
  return { ...(titlePart && { title: titlePart }), ...(wholeTag && { tags: [wholeTag] }) };
}

const VAGUE = /^(?:0|[%_*?]+)$/;

/** Whether the gateway refuses it, since api.video might list all videos. */
export const isVague = (filter: VideoFilter | null) => VAGUE.test(filter?.title ?? '');
