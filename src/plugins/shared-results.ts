// One execution of an event for all streams of a caller that ask for the same. It shares nothing between callers.
import { createHash } from 'node:crypto';
import type { ExecutionArgs, ExecutionResult } from 'graphql';

type Results = Map<string, Promise<ExecutionResult>>;

export class SharedResults {
  /** An event is gone as soon as no stream holds it any more, and its results with it. */
  readonly #byEvent = new WeakMap<object, Results>();

  /** The result of the first call with the same event and key. */
  get(event: object, key: string, execute: () => Promise<ExecutionResult>): Promise<ExecutionResult> {
    const results = this.#byEvent.get(event) ?? new Map();
    this.#byEvent.set(event, results);
    const result = results.get(key) ?? execute();
    results.set(key, result);
    return result;
  }
}

/** The same for streams that ask for the same. @param caller - the same only for those who may see the same. */
export function toSharedKey(
  caller: unknown,
  { document, operationName, variableValues }: ExecutionArgs,
): string | undefined {
  const text = document.loc?.source.body;
  if (text === undefined) return undefined;
  const asked = JSON.stringify([caller, text, operationName, variableValues]);
  return createHash('sha256').update(asked).digest('base64');
}
