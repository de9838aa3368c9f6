// Notifies observers when an operation begins and ends, once each. An invalid operation only ends.
import { getOperationAST, Kind, type OperationDefinitionNode } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { type ClientOperation, type ClientRequest, currentRequest } from './current-request.ts';

export type OperationEnd = {
  readonly durationMs: number;
  /** `partial`: the answer has data and errors. */
  readonly status: 'ok' | 'partial' | 'failed';
  /** The number of errors in the answer, by code. */
  readonly errors: Readonly<Record<string, number>>;
};

export type OperationObserver = {
  /** Called before execution, but not for an invalid operation. */
  readonly begin?: (operation: ClientOperation, request: ClientRequest) => void;
  readonly end?: (operation: ClientOperation, end: OperationEnd, request: ClientRequest) => void;
};

const MAX_NAME = 100;
const INVALID: ClientOperation = { name: undefined, type: 'invalid', field: 'invalid' };

export function useOperationObservers(observers: readonly OperationObserver[]): Plugin {
  return {
    onExecute({ args: { document, operationName } }) {
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
      for (const { begin } of observers) begin?.(operation, request);
    },
    onResultProcess({ result }) {
      const request = currentRequest();
      if (!request) return;
      const { operation = INVALID } = request;
      const end = { durationMs: performance.now() - request.startedAt, ...toStatus(result) };
      for (const observer of observers) observer.end?.(operation, end, request);
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
  for (const error of 'errors' in result && Array.isArray(result.errors) ? result.errors : []) {
    const code = String(error?.extensions?.code ?? 'UNKNOWN');
    errors[code] = (errors[code] ?? 0) + 1;
  }
  const hasData = 'data' in result && result.data !== null && result.data !== undefined;
  if (!hasData) return { status: 'failed', errors };
  return { status: Object.keys(errors).length > 0 ? 'partial' : 'ok', errors };
}
