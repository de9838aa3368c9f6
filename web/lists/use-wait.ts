// How long a call will take, where that is long: the rate limit allows so many changes a minute.
import { useQuery } from '@apollo/client/react';
import { UpstreamBudgetDocument } from 'apivideo-graphql-client';

/** Fewer seldom wait, and each tick of a few would ask. */
const WORTH_ASKING = 10;
const POLL_MS = 10_000;
const MINUTE_SECONDS = 60;

/** Seconds; undefined if the call fits into what is left of this minute, or nothing is known. */
export function useWait(ticked: number): number | undefined {
  const isMany = ticked > WORTH_ASKING;
  const { data } = useQuery(UpstreamBudgetDocument, {
    skip: !isMany,
    pollInterval: isMany ? POLL_MS : 0,
    fetchPolicy: 'network-only',
    skipPollAttempt: () => document.hidden,
  });
  const { limitPerMinute, remaining, resetsAt } = data?.upstreamBudget.writes ?? {};
  if (!isMany || !limitPerMinute || remaining == null || ticked <= remaining) return undefined;
  const minutes = Math.ceil((ticked - remaining) / limitPerMinute);
  return toSecondsLeft(resetsAt) + (minutes - 1) * MINUTE_SECONDS;
}

function toSecondsLeft(resetsAt: string | null | undefined): number {
  if (!resetsAt) return MINUTE_SECONDS;
  return Math.max(1, Math.ceil((Date.parse(resetsAt) - Date.now()) / 1000));
}
