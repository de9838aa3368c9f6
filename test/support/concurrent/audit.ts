// The audit hears of every outcome once, and of every write to the gateway's own video; and what a gateway says of Video
// Restore is what one of its deletions has shown.
import { toName } from '../outcome-names.ts';
import { type Fault, fault } from './faults.ts';
import { TOLERANCE_MS } from './history.ts';
import { isMisled } from './misled.ts';
import type { Played, Story, Told } from './play.ts';
import type { Write } from './records.ts';
import { isExcused } from './truth.ts';
import { VirtualTime } from './virtual-time.ts';

export function findOmissions(story: Story): readonly Fault[] {
  return [
    ...story.calls.flatMap(ofOutcomes),
    ...ofProbeWrites(story),
    ...toReports(story).flatMap(([call, told]) => ofVideoRestore(story, call, told)),
  ];
}

function ofOutcomes({ index, ids, told, outcomes, endedAt }: Played): readonly Fault[] {
  if (endedAt === undefined || !outcomes) return [];
  return ids.flatMap((id) => {
    const heard = told.filter((each) => each.id === id);
    const outcome = outcomes.get(id);
    if (outcome && heard.length === 1 && heard[0]?.outcome === outcome) return [];
    const names = heard.map((each) => toName(each.outcome)).join(', ');
    return [{ ...fault(`the audit was told ${names || 'nothing'}`), call: index, id }];
  });
}

function ofProbeWrites({ history, calls, upstream }: Story): readonly Fault[] {
  return history.gateways.flatMap((_, gateway) => {
    const heard = calls.filter((call) => call.gateway === gateway).flatMap(({ probeWrites }) => probeWrites);
    const seen = upstream.writes.filter(
      (write) => write.gateway === gateway && write.id.startsWith('created') && isReported(write),
    );
    return heard.length === seen.length
      ? []
      : [fault('the audit has not heard of each write to the probe video')];
  });
}

function isReported({ end }: Write): boolean {
  return end !== 'unsent' && end !== 'limited' && end !== 'pending';
}

/** What each gateway said of Video Restore, each time that it said something new. */
function toReports({ calls }: Story): readonly (readonly [Played, Told])[] {
  const all = calls.flatMap((call) => call.told.map((told) => [call, told] as const));
  const news = new Map(
    all.map(([call, told]) => [`${call.gateway} ${told.observed.observedAt}`, [call, told] as const]),
  );
  return [...news.values()];
}

/** ENABLED: the deletion sent then was restorable. DISABLED: it destroyed its video. */
function ofVideoRestore(story: Story, { gateway, index }: Played, { observed, at }: Told): readonly Fault[] {
  if (observed.observedAt === null) return [];
  const sentAt = Date.parse(observed.observedAt) - VirtualTime.EPOCH;
  const state = observed.status === 'ENABLED' ? 'removed' : 'absent';
  // `observedAt` is cut to whole milliseconds.
  const shown = story.upstream.writes.filter(
    (write) => write.gateway === gateway && write.act === 'delete' && Math.abs(write.sentAt - sentAt) < 1,
  );
  const isShown = ({ call, id, effect }: Write) =>
    effect?.state === state && shown.some((write) => write.call === call && write.id === id);
  if (story.upstream.writes.some(isShown)) return [];
  const excuse =
    state === 'removed' ? 'removed by others within the tolerance' : 'others destroyed what it was deleting';
  return [
    {
      ...fault(`Video Restore was said to be ${observed.status}`, [
        [excuse, isMisled(story, shown, state, at, TOLERANCE_MS)],
        ['an earlier answer was excused', isExcused(story, shown, at)],
      ]),
      call: index,
      at,
    },
  ];
}
