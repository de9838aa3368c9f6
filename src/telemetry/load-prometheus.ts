// `/metrics` for Prometheus. The library behind it costs a start some time, so that it is loaded beside it; the first
// requests wait for it.
import type { Plugin } from 'graphql-yoga';
import type { Governor } from '../upstream/governor.ts';
import type { Observer } from '../upstream/observer.ts';
import type { Act } from './audit.ts';
import type { OperationObserver } from './observe-operations.ts';
import type { Metrics } from './prometheus.ts';

export type LoadingMetrics = {
  readonly plugin: Plugin;
  readonly operations: OperationObserver;
  readonly upstream: Observer;
  readonly onOutcome: (act: Act, outcome: string) => void;
};

/** @param governors - those of the projects served now. */
export function loadMetrics(governors: () => Iterable<Governor>): LoadingMetrics {
  let metrics: Metrics | undefined;
  const loading = import('./prometheus.ts').then(({ createMetrics }) => {
    metrics = createMetrics(governors);
    return metrics;
  });
  return {
    plugin: {
      async onRequest({ request, url, endResponse, fetchAPI }) {
        if (url.pathname !== '/metrics' || request.method !== 'GET') return;
        const { contentType, render } = await loading;
        const headers = { 'content-type': contentType, 'cache-control': 'no-store' };
        endResponse(new fetchAPI.Response(await render(), { headers }));
      },
      async onRequestParse() {
        if (!metrics) await loading;
      },
      onResponse: ({ response }) => metrics?.countResponse(response.status),
    },
    operations: { end: (operation, end) => metrics?.countOperation(operation, end) },
    upstream: {
      begin(call) {
        const begunAt = performance.now();
        return { end: (end) => metrics?.countUpstreamCall(call, end, performance.now() - begunAt) };
      },
      circuit: (isOpen) => metrics?.showCircuit(isOpen),
    },
    onOutcome: (act, outcome) => metrics?.countOutcome(act, outcome),
  };
}
