// Tells those who watch when an operation begins and what came of it, each operation once, also where it is no valid one.
import { getOperationAST, Kind, type OperationDefinitionNode } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { type ClientOperation, type ClientRequest, currentRequest } from './current-request.ts';

export type OperationEnd = {
  readonly durationMs: number;
  /** `partial`: there are errors beside the data. */
  readonly status: 'ok' | 'partial' | 'failed';
  /** How many errors the answer has of each code. */
  readonly errors: Readonly<Record<string, number>>;
};

export type OperationObserver = {
  /** Before anything is executed. Not called for one that is invalid. */
  readonly begin?: (operation: ClientOperation, request: ClientRequest) => void;
  readonly end?: (operation: ClientOperation, end: OperationEnd, request: ClientRequest) => void;
};

const MAX_NAME = 100;
const INVALID: ClientOperation = { name: undefined, type: 'invalid', field: 'invalid' };

export function useOperationObservers(watchers: readonly OperationObserver[]): Plugin {
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
      // With the request itself: a WeakMap whose values refer to its keys would keep both until old memory is collected.
      request.operation = operation;
      for (const { begin } of watchers) begin?.(operation, request);
    },
    onResultProcess({ result }) {
      const request = currentRequest();
      if (!request) return;
      const { operation = INVALID } = request;
      const end = { durationMs: performance.now() - request.startedAt, ...toStatus(result) };
      for (const watcher of watchers) watcher.end?.(operation, end, request);
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
