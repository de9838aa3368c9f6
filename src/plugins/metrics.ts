// `/metrics` for Prometheus. The library behind it costs a start some time and memory, so that it is loaded beside the first
// requests; what there is to count until then is counted afterwards.
import type { Plugin } from 'graphql-yoga';
import type { Act } from '../audit.ts';
import type { Metrics } from '../metrics.ts';
import type { Governor } from '../upstream/governor.ts';
import type { Observer } from '../upstream/observer.ts';
import type { OperationWatcher } from './operations.ts';

export type LoadingMetrics = {
  readonly plugin: Plugin;
  readonly operations: OperationWatcher;
  readonly upstream: Observer;
  readonly onOutcome: (act: Act, outcome: string) => void;
};

export function loadMetrics(governors: () => Iterable<Governor>): LoadingMetrics {
  let metrics: Metrics | undefined;
  const waiting: ((loaded: Metrics) => void)[] = [];
  const loading = import('../metrics.ts').then(({ createMetrics }) => {
    const loaded = createMetrics(governors);
    for (const count of waiting.splice(0)) count(loaded);
    metrics = loaded;
    return loaded;
  });

  function count(event: (loaded: Metrics) => void): void {
    if (metrics) event(metrics);
    else waiting.push(event);
  }

  return {
    plugin: {
      async onRequest({ request, url, endResponse, fetchAPI }) {
        if (url.pathname !== '/metrics' || request.method !== 'GET') return;
        const loaded = await loading;
        const headers = { 'content-type': loaded.contentType, 'cache-control': 'no-store' };
        endResponse(new fetchAPI.Response(await loaded.render(), { headers }));
      },
    },
    operations: { end: (operation, end) => count((loaded) => loaded.countOperation(operation, end)) },
    upstream: {
      begin(call) {
        const begunAt = performance.now();
        return {
          end(end) {
            const durationMs = performance.now() - begunAt;
            count((loaded) => loaded.countUpstreamCall(call, end, durationMs));
          },
        };
      },
      circuit: (isOpen) => count((loaded) => loaded.showCircuit(isOpen)),
    },
    onOutcome: (act, outcome) => count((loaded) => loaded.countOutcome(act, outcome)),
  };
}
