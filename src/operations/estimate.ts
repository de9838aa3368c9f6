// How long an operation will still take: an estimate from what upstream's rate limit allows, and what else goes on.

/** What upstream allows, as `Governor.budget` says. */
type Budget = {
  readonly limit: number | undefined;
  readonly remaining: number | undefined;
  readonly resetsInMs: number | undefined;
};

const WINDOW_SECONDS = 60;

/**
 * @param pending - its items that are not settled.
 * @param backlog - the items of all unfinished operations of the project, which share the limit in equal parts.
 * @returns null if upstream has not said what it allows.
 */
export function estimateSeconds(
  pending: number,
  seq: number,
  backlog: readonly { readonly seq: number; readonly pending: number }[],
  { limit, remaining = 0, resetsInMs = 0 }: Budget,
): number | null {
  if (limit === undefined || limit <= 0) return null;
  const beside = backlog
    .filter((other) => other.seq !== seq)
    .reduce((sum, other) => sum + Math.min(other.pending, pending), 0);
  const writes = pending + beside;
  if (writes <= remaining) return Math.ceil((writes / limit) * WINDOW_SECONDS);
  // A window's writes are sent as soon as it begins, so the last window counts by what is left for it.
  const later = writes - remaining;
  const windows = Math.ceil(later / limit) - 1;
  const inLast = later - windows * limit;
  return Math.ceil(resetsInMs / 1_000 + windows * WINDOW_SECONDS + (inLast / limit) * WINDOW_SECONDS);
}
