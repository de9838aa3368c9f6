// One probe at a time, for all calls that need one. Each call waits for a single answer, so that no call waits in a loop:
// the probe's result, or its turn to probe itself.
import { endsInTime } from '../upstream/ends-in-time.ts';
import { toWaitOver } from './not-sent.ts';
import { isOver, type ProbeCall, type ProbeEnd, type ProbeResult } from './probe.ts';

/** Called once, with what came of the probe in flight, or with undefined if the call is to probe itself. */
type Waiter = (result: ProbeResult | undefined) => void;

export class SharedProbe {
  readonly #probe: (call: ProbeCall) => Promise<ProbeEnd>;
  #isUnderWay = false;
  /** In order of arrival. */
  readonly #waiting = new Set<Waiter>();

  /** @param probe - what it finds out for one call; it never rejects. */
  constructor(probe: (call: ProbeCall) => Promise<ProbeEnd>) {
    this.#probe = probe;
  }

  /**
   * The result of the probe in flight, or of a new one. A failure is the result of all calls that waited for it, unless
   * it was of its own call's making: that call ran out of time, lost its client or has bad credentials. Then the next
   * one probes anew. Every call waits no longer than its own deadline.
   */
  async run(call: ProbeCall): Promise<ProbeResult> {
    if (this.#isUnderWay) {
      const { promise, resolve } = Promise.withResolvers<ProbeResult | undefined>();
      this.#waiting.add(resolve);
      const isInTime = await endsInTime(promise, call.look);
      const isStillWaiting = this.#waiting.delete(resolve);
      if (isStillWaiting) return toWaitOver(call.look, 'proof');
      const result = await promise;
      if (result) return result;
      if (!isInTime || isOver(call.write)) {
        // Its turn came too late.
        this.#end(undefined);
        return toWaitOver(call.write, 'proof');
      }
    }
    this.#isUnderWay = true;
    const probing = this.#run(call);
    return (await endsInTime(probing, call.look)) ? probing : toWaitOver(call.look, 'proof');
  }

  async #run(call: ProbeCall): Promise<ProbeResult> {
    let shared: ProbeResult | undefined;
    try {
      const { result, isOfCall } = await this.#probe(call);
      if (!isOfCall) shared = result;
      return result;
    } finally {
      this.#end(shared);
    }
  }

  /** Answers all calls that wait; without a result, it is the turn of the first one, and the others wait for that. */
  #end(result: ProbeResult | undefined): void {
    for (const answer of this.#waiting) {
      this.#waiting.delete(answer);
      answer(result);
      if (result === undefined) return;
    }
    this.#isUnderWay = false;
  }
}
