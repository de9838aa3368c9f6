// What a page of a walk must show, so that the walk counts as evidence.
import type { VideoPage } from '../upstream/shapes.ts';
import { UpstreamStatusError } from '../upstream/upstream-errors.ts';

export const PAGE_SIZE = 100;

/** Whether it can be this page of the list, oldest video first, and shows all of its videos. */
export function fits(
  { videos, received, unreadable = 0, currentPage, total }: VideoPage,
  number: number,
): boolean {
  // What is missing may be an item that cannot be read.
  if (unreadable > 0 || currentPage !== number) return false;
  if (received < Math.min(PAGE_SIZE, Math.max(0, total - (number - 1) * PAGE_SIZE))) return false;
  let latest = Number.NEGATIVE_INFINITY;
  for (const { createdAt } of videos) {
    const at = createdAt === null ? latest : Date.parse(createdAt);
    if (at < latest) return false;
    latest = at;
  }
  return true;
}

/** Whether upstream refuses a page because it is beyond the last one, instead of sending an empty one. */
export function isBeyondLast(number: number, total: number, error: unknown): boolean {
  const isRefused = error instanceof UpstreamStatusError && error.refusal !== undefined;
  return isRefused && number > Math.max(1, Math.ceil(total / PAGE_SIZE));
}
