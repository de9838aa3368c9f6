// One act: what one call did to one video, and what was true of the video meanwhile. The judge asks it.
import { MAX_LAG_MS, type State, TOLERANCE_MS } from './history.ts';
import { Life } from './lives.ts';
import { isByStrangers, isSecondToStrangers } from './misled.ts';
import type { Played, Story, Told } from './play.ts';
import { isLate, type Moment, type Read, type Write } from './records.ts';

export class Act {
  readonly life: Life;
  /** Its writes, in the order of their sends. */
  readonly writes: readonly Write[];
  readonly reads: readonly Read[];
  /** When the call began; and when its first write was sent, or else began. */
  readonly begunAt: number;
  readonly from: number;
  readonly toldAt: number;
  /** The states that its own writes brought about before it was told. */
  readonly ours: readonly Moment[];
  readonly #gateway: number;

  constructor({ upstream }: Story, call: Played, { id, at }: Told) {
    const isOurs = (each: Read | Write) => each.call === call.index && each.id === id;
    this.life = upstream.project.lives.get(id) ?? new Life(id, 'absent');
    this.writes = upstream.writes.filter((write) => isOurs(write));
    this.reads = upstream.reads.filter((read) => isOurs(read) && read.answeredAt <= at);
    this.begunAt = call.at;
    this.from = this.writes[0]?.sentAt ?? call.at;
    this.toldAt = at;
    this.ours = this.life.moments.filter(
      ({ by, at: begins }) => by !== 'others' && isOurs(by) && begins <= at,
    );
    this.#gateway = call.gateway;
  }

  get last(): Moment {
    return this.life.at(this.toldAt);
  }

  was(state: State, from: number): boolean {
    return this.life.was(state, from, this.toldAt);
  }

  /** Whether nobody at the gateway can have known of it: others did it, or a write that came true late. */
  isByStrangers(moment: Moment): boolean {
    return isByStrangers(moment, this.#gateway);
  }

  /** Whether it was in that state since then, until strangers changed it. */
  wasUntilStrangers(state: State, from: number): boolean {
    return this.life.spent(state, from, this.toldAt).some((moment) => {
      const next = this.life.after(moment);
      return next === undefined || next.at > this.toldAt || this.isByStrangers(next);
    });
  }

  /** Whether strangers had removed it since then, and a later DELETE of this gateway took that for its own effect. */
  wasRemovedByStrangers(from: number): boolean {
    return this.life.spent('removed', from, this.toldAt).some((moment) => {
      const next = this.life.after(moment);
      return (
        next !== undefined &&
        next.by !== 'others' &&
        moment.at > next.by.sentAt - TOLERANCE_MS &&
        isSecondToStrangers(next, this.life, this.#gateway)
      );
    });
  }

  /** How often strangers moved it in that time. */
  movesByStrangers(from: number, to: number): number {
    return this.life.moments.filter(
      (moment) => moment.at > from && moment.at <= to && this.isByStrangers(moment),
    ).length;
  }

  /** Whether upstream may have looked at a write of it. */
  get hasSent(): boolean {
    return this.writes.some(({ end }) => end !== 'unsent' && end !== 'limited' && end !== 'unauthorized');
  }

  get hasLost(): boolean {
    return this.writes.some(({ end }) => end === 'lost' || end === 'failed');
  }

  /** The latest reads in a row that showed nothing: what an absence was concluded from. */
  get readsOfNothing(): readonly Read[] {
    return this.reads.slice(this.reads.findLastIndex(({ showed }) => showed !== 'nothing') + 1);
  }

  /** Whether that moment came later than anything that the gateway was shown. */
  isUnseen(moment: Moment): boolean {
    return isLate(moment) && this.reads.every(({ of }) => of < moment.at);
  }

  /** The oldest time that a read of this act can have shown. */
  get earliestShown(): number {
    return this.begunAt - MAX_LAG_MS;
  }
}
