// The true life of a video, and of Video Restore: every state that it has been in, since when, and who brought it about.
import type { State } from './history.ts';
import type { Moment } from './records.ts';

const LONG_AGO = -86_400_000;

export class Life {
  readonly id: string;
  readonly title: string;
  readonly tags: readonly string[];
  readonly moments: Moment[];

  constructor(id: string, state: State, title = id, tags: readonly string[] = []) {
    this.id = id;
    this.title = title;
    this.tags = tags;
    const removedAt = state === 'removed' ? LONG_AGO : undefined;
    this.moments = [{ at: Number.NEGATIVE_INFINITY, state, removedAt, by: 'others' }];
  }

  get current(): Moment {
    return this.at(Number.POSITIVE_INFINITY);
  }

  at(time: number): Moment {
    const moment = this.moments.findLast(({ at }) => at <= time) ?? this.moments[0];
    if (!moment) throw new Error('a life has a beginning');
    return moment;
  }

  /** @returns the moment that begins. */
  become(state: State, at: number, by: Moment['by']): Moment {
    const moment = { at, state, removedAt: state === 'removed' ? at : undefined, by };
    this.moments.push(moment);
    return moment;
  }

  /** When a moment ended; infinity if it lasts. */
  endOf(moment: Moment): number {
    return this.after(moment)?.at ?? Number.POSITIVE_INFINITY;
  }

  before(moment: Moment): Moment | undefined {
    return this.moments[this.moments.indexOf(moment) - 1];
  }

  after(moment: Moment): Moment | undefined {
    return this.moments[this.moments.indexOf(moment) + 1];
  }

  /** The moments of that state that overlap a span of time. */
  spent(state: State, from: number, to: number): readonly Moment[] {
    return this.moments.filter(
      (moment) => moment.state === state && moment.at <= to && this.endOf(moment) > from,
    );
  }

  was(state: State, from: number, to: number): boolean {
    return this.spent(state, from, to).length > 0;
  }
}

/** When Video Restore was on and off. */
export class RestoreLife {
  readonly switches: { readonly at: number; readonly isOn: boolean }[];

  constructor(isOn: boolean) {
    this.switches = [{ at: Number.NEGATIVE_INFINITY, isOn }];
  }

  get isOn(): boolean {
    return this.switches.at(-1)?.isOn ?? true;
  }

  turn(isOn: boolean, at: number): void {
    if (isOn !== this.isOn) this.switches.push({ at, isOn });
  }

  /** The spans of time in which it was off. */
  get offSpans(): readonly { readonly from: number; readonly to: number }[] {
    return this.switches.flatMap(({ at, isOn }, index) =>
      isOn ? [] : [{ from: at, to: this.switches[index + 1]?.at ?? Number.POSITIVE_INFINITY }],
    );
  }

  wasOff(from: number, to: number): boolean {
    return this.offSpans.some((span) => span.from <= to && span.to > from);
  }
}
