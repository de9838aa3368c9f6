// Tells those who watch when an operation begins and what came of it, each operation once, also where it is no valid one.
import { getOperationAST, Kind, type OperationDefinitionNode } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { type ClientRequest, currentRequest } from '../current-request.ts';

export type Operation = {
  readonly request: ClientRequest;
  /** As the client chose it, so that there may be any number of names; undefined where it has none. */
  readonly name: string | undefined;
  /** `invalid`: it was refused before it could be executed. */
  readonly type: 'query' | 'mutation' | 'subscription' | 'invalid';
  /** The one root field it asks for, or `several`, `introspection`, `invalid`: no more names than the schema has. */
  readonly field: string;
};

export type OperationEnd = {
  readonly durationMs: number;
  /** `partial`: there are errors beside the data. */
  readonly status: 'ok' | 'partial' | 'failed';
  /** How many errors the answer has of each code. */
  readonly errors: Readonly<Record<string, number>>;
};

export type OperationWatcher = {
  /** Before anything is executed. Not called for one that is invalid. */
  readonly begin?: (operation: Operation) => void;
  readonly end?: (operation: Operation, end: OperationEnd) => void;
};

const MAX_NAME = 100;

export function useOperations(watchers: readonly OperationWatcher[]): Plugin {
  const begun = new WeakMap<ClientRequest, Operation>();
  return {
    onExecute({ args: { document, operationName } }) {
      const request = currentRequest();
      const node = getOperationAST(document, operationName);
      if (!request || !node) return;
      const name = node.name?.value.slice(0, MAX_NAME);
      const operation = { request, name, type: node.operation, field: toField(node) };
      begun.set(request, operation);
      for (const { begin } of watchers) begin?.(operation);
    },
    onResultProcess({ result }) {
      const request = currentRequest();
      if (!request) return;
      const operation = begun.get(request) ?? { request, name: undefined, type: 'invalid', field: 'invalid' };
      const end = { durationMs: performance.now() - request.startedAt, ...toStatus(result) };
      for (const watcher of watchers) watcher.end?.(operation, end);
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
