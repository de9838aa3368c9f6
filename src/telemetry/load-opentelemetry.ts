// Traces over OTLP, where they are asked for. What sends them is loaded only then; the first requests wait for it.
import type { Plugin } from 'graphql-yoga';
import type { Observer } from '../upstream/observer.ts';
import type { OperationObserver } from './observe-operations.ts';
import type { Traces } from './opentelemetry.ts';

export type LoadingTraces = {
  readonly plugin: Plugin;
  readonly operations: OperationObserver;
  readonly upstream: Observer;
  close(): Promise<void>;
};

export function loadTraces(endpoint: URL): LoadingTraces {
  let traces: Traces | undefined;
  const loading = import('./opentelemetry.ts').then(({ createTraces }) => {
    traces = createTraces(endpoint);
    return traces;
  });
  return {
    plugin: {
      async onRequestParse() {
        if (!traces) await loading;
      },
    },
    operations: {
      begin: (operation, request) => traces?.operations.begin(operation, request),
      end: (operation, end, request) => traces?.operations.end(operation, end, request),
    },
    upstream: { begin: (call) => traces?.upstream.begin(call) ?? {} },
    close: async () => (await loading).close(),
  };
}
