// Which operations rest, because the store fails what they need: each for longer, as often as that happens. Else one whose rows
// cannot be read would be begun again and again, without a pause.
import type { Logger } from 'pino';
import { Backoff, LONGEST_BACKOFF_MS } from './backoff.ts';
import { FailureLog } from './failure-log.ts';

type Rest = { readonly backoff: Backoff; readonly failures: FailureLog };

/** One that is not begun again within this time has another holder. */
const KEPT_MS = 10 * LONGEST_BACKOFF_MS;

export class Rests {
  readonly #rests = new Map<number, Rest>();

  /** The numbers of the operations that are not to be acquired yet. */
  get seqs(): readonly number[] {
    for (const [seq, { backoff }] of this.#rests)
      if (performance.now() > backoff.until + KEPT_MS) this.#rests.delete(seq);
    return [...this.#rests].flatMap(([seq, { backoff }]) => (backoff.isOver ? [] : [seq]));
  }

  has(seq: number): boolean {
    return this.#rests.has(seq);
  }

  /** Where the failures of an operation are logged: once for each cause, however often it is begun. */
  failuresOf(seq: number, logger: Logger): FailureLog {
    return this.#rests.get(seq)?.failures ?? new FailureLog(logger, 'the operation');
  }

  /** @param begunAt - one that has gone on for a while since begins with a short rest again. */
  note(seq: number, failures: FailureLog, begunAt: number): void {
    const backoff = this.#rests.get(seq)?.backoff ?? new Backoff();
    if (performance.now() - begunAt > LONGEST_BACKOFF_MS) backoff.noteSuccess();
    backoff.noteFailure();
    this.#rests.set(seq, { backoff, failures });
  }

  end(seq: number): void {
    this.#rests.delete(seq);
  }
}
