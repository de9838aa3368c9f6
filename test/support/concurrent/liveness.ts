// Every call ends, in time and without going round in circles; and nothing is written for a client that has left, after the
// end of its call, or by a gateway that is stopping.
import { type Fault, fault } from './faults.ts';
import { type GatewaySettings, LAG_MS } from './history.ts';
import type { Played, Story } from './play.ts';
import type { Write } from './records.ts';

/** A request within the budget may go out this long after the deadline, and so may the one that verifies it. */
const GRACE_MS = 2_000;
const SLACK_MS = 100;
/** How long the read that detects the dialect, which calls share, waits for the budget. */
const DIALECT_WAIT_MS = 20_000;
/** Events of a whole history. The busiest needs a quarter of it. */
const TURNS_PER_ID = 100;
/** A write is repeated twice at most; what was not sent does not count. */
const MAX_SENDS = 3;

export function findStalls(story: Story): readonly Fault[] {
  const { calls, turns, hasSpun, history } = story;
  const ids = calls.reduce((sum, call) => sum + call.ids.length, 0);
  return [
    ...(hasSpun ? [fault('a call went round in circles')] : []),
    ...(turns > TURNS_PER_ID * (ids + 10) ? [fault('there were too many events')] : []),
    ...calls.flatMap((call) => {
      const settings = history.gateways[call.gateway];
      const writes = story.upstream.writes.filter((write) => write.call === call.index);
      const faults = settings ? [...ofEnd(call, settings, writes), ...ofWrites(call, settings, writes)] : [];
      return faults.map((each) => ({ ...each, call: call.index }));
    }),
  ];
}

function ofEnd(
  call: Played,
  { timeoutMs, dialect, stops }: GatewaySettings,
  writes: readonly Write[],
): readonly Fault[] {
  const { at, waitMs, leavesAt, endedAt, error } = call;
  if (error !== undefined) return [fault(`the call failed: ${error}`)];
  if (endedAt === undefined) return [fault('the call never ended')];
  const detection = dialect === 'auto' ? timeoutMs + DIALECT_WAIT_MS : 0;
  // Verifying may begin its last read that long after the deadline.
  const verifiesFor = Math.max(timeoutMs, 5 * LAG_MS);
  const latest = at + waitMs + verifiesFor + timeoutMs + 2 * GRACE_MS + detection + SLACK_MS;
  if (endedAt > latest) return [{ ...fault('the call ended late'), at: endedAt }];
  const left = Math.max(
    at,
    Math.min(leavesAt ?? Number.POSITIVE_INFINITY, stops?.endsAt ?? Number.POSITIVE_INFINITY),
  );
  // What was sent for a client that has left is still verified.
  if (writes.length === 0 && endedAt > left + timeoutMs + detection + SLACK_MS)
    return [{ ...fault('the call went on although nobody waited for it'), at: endedAt }];
  return [];
}

function ofWrites(call: Played, { stops }: GatewaySettings, writes: readonly Write[]): readonly Fault[] {
  const { leavesAt, endedAt, ids } = call;
  const faults = writes.flatMap(({ act, sentAt, id }) => {
    const isOfCall = ids.includes(id);
    const claims = [
      ...(sentAt > (leavesAt ?? sentAt) ? ['a write was sent for a client that had left'] : []),
      ...(sentAt > (stops?.drainsAt ?? sentAt) ? ['a write was sent by a gateway that was stopping'] : []),
      // The probe that a call began may go on for others.
      ...(isOfCall && sentAt > (endedAt ?? sentAt) ? ['a write was sent after the end of its call'] : []),
      ...((isOfCall ? act !== call.act : !id.startsWith('created'))
        ? ['a write was sent that nobody asked for']
        : []),
    ];
    return claims.map((claim) => ({ ...fault(claim), id, at: sentAt }));
  });
  const repeated = ids.filter(
    (id) => writes.filter((write) => write.id === id && isSeen(write)).length > MAX_SENDS,
  );
  return [...faults, ...repeated.map((id) => ({ ...fault('a write was sent too often'), id }))];
}

function isSeen({ end }: Write): boolean {
  return end !== 'unsent' && end !== 'limited' && end !== 'unauthorized';
}
