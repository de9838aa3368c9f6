// Notifies observers when an operation begins and ends, once each. An invalid operation only ends. A subscription ends when
// its stream does.
import { type ExecutionArgs, getOperationAST, Kind, type OperationDefinitionNode } from 'graphql';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import { type ClientOperation, type ClientRequest, currentRequest } from './current-request.ts';
import { countErrors } from './stream-tally.ts';

export type OperationEnd = {
  readonly durationMs: number;
  /** `partial`: the answer has data and errors. */
  readonly status: 'ok' | 'partial' | 'failed';
  /** The number of errors in the answer, by code. */
  readonly errors: Readonly<Record<string, number>>;
  /** How many results the stream of a subscription had; undefined for any other answer. */
  readonly events: number | undefined;
};

export type OperationObserver = {
  /** Called before execution, but not for an invalid operation. */
  readonly begin?: (operation: ClientOperation, request: ClientRequest) => void;
  readonly end?: (operation: ClientOperation, end: OperationEnd, request: ClientRequest) => void;
};

const MAX_NAME = 100;
const INVALID: ClientOperation = { name: undefined, type: 'invalid', field: 'invalid' };

export function useOperationObservers(observers: readonly OperationObserver[]): Plugin {
  function begin({ document, operationName }: Pick<ExecutionArgs, 'document' | 'operationName'>): void {
    const request = currentRequest();
    const node = getOperationAST(document, operationName);
    if (!request || !node) return;
    const operation: ClientOperation = {
      name: node.name?.value.slice(0, MAX_NAME),
      type: node.operation,
      field: toField(node),
    };
    // Kept on the request: a WeakMap whose values refer to its keys would keep both until a major garbage collection.
    request.operation = operation;
    for (const observer of observers) observer.begin?.(operation, request);
  }
  function end(request: ClientRequest, status: Omit<OperationEnd, 'durationMs'>): void {
    const { operation = INVALID } = request;
    const durationMs = performance.now() - request.startedAt;
    for (const observer of observers) observer.end?.(operation, { durationMs, ...status }, request);
  }
  return {
    onExecute: ({ args }) => begin(args),
    onSubscribe: ({ args }) => begin(args),
    onResultProcess({ result }) {
      const request = currentRequest();
      if (!request) return;
      if (isAsyncIterable(result)) request.onStreamEnd = (seen) => end(request, seen);
      else end(request, { ...toStatus(result), events: undefined });
    },
  };
}

function toField({ selectionSet: { selections } }: OperationDefinitionNode): string {
  const names = new Set(
    selections.map((selection) => (selection.kind === Kind.FIELD ? selection.name.value : undefined)),
  );
  const [name] = names;
  if (names.size !== 1 || name === undefined) return 'several';
  return name.startsWith('__') ? 'introspection' : name;
}

function toStatus(result: unknown): Pick<OperationEnd, 'status' | 'errors'> {
  if (typeof result !== 'object' || result === null) return { status: 'failed', errors: {} };
  const errors: Record<string, number> = {};
  if ('errors' in result && Array.isArray(result.errors)) countErrors(result.errors, errors);
  const hasData = 'data' in result && result.data !== null && result.data !== undefined;
  if (!hasData) return { status: 'failed', errors };
  return { status: Object.keys(errors).length > 0 ? 'partial' : 'ok', errors };
}
