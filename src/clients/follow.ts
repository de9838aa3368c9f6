// Decides how a cached list changes after videos were deleted and restored: its rows, its total, and where a row comes
// back. It guesses nothing: if the cache does not prove what the list is now, the list is stale.
import type { CachedList, FollowedList, ReadField } from './cached-list.ts';
import type { Change } from './changes.ts';
import { createDraft, type Draft } from './list-draft.ts';

/** `stale`: only a new read shows what the list is now. `same`: nothing changes. */
export function follow(
  list: CachedList,
  changes: readonly Change[],
  readField: ReadField,
): FollowedList | 'stale' | 'same' {
  const draft = createDraft(list, readField);
  const own = list.name === 'videos' ? 'live' : 'removed';
  for (const change of changes) {
    const isKnown = change.to === own ? enter(draft, change) : leave(draft, change);
    if (!isKnown) return 'stale';
  }
  return draft.finish();
}

/** Returns whether it is known what the change does to the list. */
function leave(draft: Draft, { id, to, isByThisCall }: Change): boolean {
  const { list } = draft;
  if (draft.hasRow(id)) {
    // If another client removed the video, the newer total may count it no more.
    if (draft.isOutdated && !isByThisCall) return false;
  } else if (!draft.isCounted(id)) {
    if (draft.isWhole || draft.hasLeft(id)) return true;
    if (draft.isMissing(id)) return !draft.isOutdated;
    // A call that found nothing changed nothing, and a video that it destroyed was live.
    if (to === 'gone' && !(isByThisCall && list.name === 'videos')) return true;
    if (list.isFiltered || !isByThisCall) return false;
  }
  draft.remove(id);
  return true;
}

/** Returns whether it is known what the change does to the list. */
function enter(draft: Draft, { id, isByThisCall, deletesAt }: Change): boolean {
  const { list } = draft;
  if (draft.hasRow(id) || draft.isCounted(id)) return true;
  const place = draft.findPlace(id, deletesAt);
  if (place === undefined) return false;
  // A row that has left a filtered list met its conditions then. Of others, only api.video knows.
  const isUncounted = isByThisCall || draft.isWhole || (place !== 'elsewhere' && !draft.isOutdated);
  if (!draft.hasLeft(id) && (list.isFiltered || !isUncounted)) return false;
  draft.insert(id, place);
  return true;
}
