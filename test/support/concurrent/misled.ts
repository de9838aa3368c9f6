// Whether strangers misled a gateway about Video Restore: what they did to a video passed for the effect of its deletion.
import { MAX_LAG_MS, type State } from './history.ts';
import type { Life } from './lives.ts';
import type { Story } from './play.ts';
import { isLate, type Moment, type Write } from './records.ts';

/** Whether nobody at a gateway can have known of it: others did it, or a write that came true late. */
export function isByStrangers(moment: Moment, gateway: number): boolean {
  return moment.by === 'others' || moment.by.gateway !== gateway || isLate(moment);
}

/** Whether a DELETE of a gateway destroyed what strangers had removed before, unknown to it. */
export function isSecondToStrangers(moment: Moment, life: Life, gateway: number): boolean {
  const before = life.before(moment);
  return moment.state === 'absent' && before?.state === 'removed' && isByStrangers(before, gateway);
}

/**
 * Whether strangers brought a video of these deletions into that state.
 *
 * @param toleranceMs - how long before the send that may have been. A video may also have been destroyed at any time since
 *   the call last saw it live.
 */
export function isMisled(
  { upstream }: Story,
  deletions: readonly Write[],
  state: State,
  until: number,
  toleranceMs = MAX_LAG_MS,
): boolean {
  return deletions.some((write) => {
    const seen = upstream.reads.findLast(
      ({ call, id, showed, answeredAt }) =>
        call === write.call && id === write.id && showed === 'live' && answeredAt <= write.sentAt,
    );
    const since = write.sentAt - toleranceMs;
    const from = state === 'absent' ? Math.min(seen?.of ?? since, since) : since;
    const life = upstream.project.lives.get(write.id);
    return life?.moments.some(
      (moment) =>
        moment.state === state &&
        moment.at > from &&
        moment.at <= until &&
        (isByStrangers(moment, write.gateway) || isSecondToStrangers(moment, life, write.gateway)),
    );
  });
}
