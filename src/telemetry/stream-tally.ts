// What the results of a stream had, for the line, the metrics and the span of its operation.
import type { ExecutionResult } from 'graphql';

export type StreamEnd = {
  /** `partial`: there were data and errors. A stream may end before its first result, which is no failure. */
  readonly status: 'ok' | 'partial' | 'failed';
  /** The number of errors, by code. */
  readonly errors: Readonly<Record<string, number>>;
  readonly events: number;
};

export class StreamTally {
  readonly #errors: Record<string, number> = {};
  #events = 0;
  #hasData = false;

  add(result: ExecutionResult): void {
    this.#events += 1;
    if (result.data) this.#hasData = true;
    if (result.errors) countErrors(result.errors, this.#errors);
  }

  end(): StreamEnd {
    const hasErrors = Object.keys(this.#errors).length > 0;
    const status = hasErrors ? (this.#hasData ? 'partial' : 'failed') : 'ok';
    return { status, errors: this.#errors, events: this.#events };
  }
}

/** Adds errors of an answer to their numbers by code. */
export function countErrors(errors: ExecutionResult['errors'], counts: Record<string, number>): void {
  for (const { extensions } of errors ?? []) {
    const code = String(extensions?.code ?? 'UNKNOWN');
    counts[code] = (counts[code] ?? 0) + 1;
  }
}
