// What has failed, for each act: of which videos, and which calls as a whole. Later calls replace what they are about.
import type { Act } from '../words.ts';
import { type Call, toName } from './call.ts';
import type { Failure } from './outcome.ts';

export type Noted = Failure & {
  /** When it was found, in ms since the epoch: waits count from it. */
  readonly at: number;
  /** Whether the call might delete the video permanently, so that it may be gone as it was asked. */
  readonly isPermanentAllowed: boolean;
};

/** A call that has no results, and can be made again. */
export type Unanswered = {
  readonly call: Call;
  /** Why nothing was sent, or what is not known. */
  readonly text: string;
};

export type Report = {
  readonly act: Act;
  readonly failures: readonly Noted[];
  readonly unanswered: readonly Unanswered[];
  readonly isLooking: boolean;
  /** Why the app could not read how the videos are now. */
  readonly lookFault: string | undefined;
};

/** Whether nobody knows for certain how the video is now. */
export const isOpen = ({ code }: Failure) =>
  code === 'NO_ANSWER' || code === 'OUTCOME_UNKNOWN' || code === 'NOT_DONE';

export class Reports {
  #reports: readonly Report[] = [];

  get list(): readonly Report[] {
    return this.#reports;
  }

  of(act: Act): Report | undefined {
    return this.#reports.find((each) => each.act === act);
  }

  /** What is said of these videos, as far as it is not certain. */
  findOpen(act: Act, ids: readonly string[]): readonly Noted[] {
    const about = new Set(ids);
    return this.of(act)?.failures.filter((each) => about.has(each.videoId) && isOpen(each)) ?? [];
  }

  /** Replaces what is said of these videos. */
  note(act: Act, ids: readonly string[], found: readonly Noted[]): void {
    const about = new Set(ids);
    this.#change(act, ({ failures, unanswered }) => ({
      failures: [...failures.filter(({ videoId }) => !about.has(videoId)), ...found],
      unanswered: unanswered.filter(({ call }) => !call.ids.every((id) => about.has(id))),
    }));
  }

  noteUnanswered(call: Call, text: string): void {
    const name = toName(call);
    this.#change(call.act, ({ unanswered }) => ({
      unanswered: [...unanswered.filter((each) => toName(each.call) !== name), { call, text }],
    }));
  }

  noteLook(act: Act, look: Pick<Report, 'isLooking' | 'lookFault'>): void {
    this.#change(act, () => look);
  }

  drop(act: Act): void {
    this.#reports = this.#reports.filter((each) => each.act !== act);
  }

  #change(act: Act, toChange: (report: Report) => Partial<Report>): void {
    const before = this.of(act) ?? {
      act,
      failures: [],
      unanswered: [],
      isLooking: false,
      lookFault: undefined,
    };
    const next = { ...before, ...toChange(before) };
    const others = this.#reports.filter((each) => each.act !== act);
    const isEmpty = next.failures.length + next.unanswered.length === 0;
    this.#reports = isEmpty ? others : [...others, next].sort((a, b) => a.act.localeCompare(b.act));
  }
}
