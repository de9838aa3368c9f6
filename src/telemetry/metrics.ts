// Serves `/metrics` for Prometheus, and counts everything that it shows.
import type { Plugin } from 'graphql-yoga';
import { PATHS } from '../config/paths.ts';
import type { Observer } from '../upstream/observer.ts';
import type { Act } from './audit.ts';
import type { GatewayState } from './gateway-state.ts';
import type { OperationObserver } from './observe-operations.ts';

export type Metrics = {
  readonly plugin: Plugin;
  readonly operations: OperationObserver;
  readonly upstream: Observer;
  readonly onOutcome: (act: Act, outcome: string) => void;
  /** Called with each durable operation that the gateway has ended, or gone on with. */
  readonly onOperationEnd: (operation: { readonly kind: Act; readonly status: string }) => void;
  readonly onTakeover: () => void;
};

/**
 * Loads the Prometheus library only here: a gateway without metrics does not load it.
 */
export async function loadMetrics(state: GatewayState): Promise<Metrics> {
  const { createRegistry } = await import('./prometheus.ts');
  const registry = createRegistry(state);
  return {
    plugin: {
      async onRequest({ request, url, endResponse, fetchAPI }) {
        if (url.pathname !== PATHS.metrics || (request.method !== 'GET' && request.method !== 'HEAD')) return;
        const headers = { 'content-type': registry.contentType, 'cache-control': 'no-store' };
        endResponse(new fetchAPI.Response(await registry.render(), { headers }));
      },
      onResponse: ({ response }) => registry.countResponse(response.status),
    },
    operations: { end: (operation, end) => registry.countOperation(operation, end) },
    upstream: {
      begin(call) {
        const begunAt = performance.now();
        return { end: (end) => registry.countUpstreamCall(call, end, performance.now() - begunAt) };
      },
    },
    onOutcome: (act, outcome) => registry.countOutcome(act, outcome),
    onOperationEnd: ({ kind, status }) => registry.countEnd(kind, status),
    onTakeover: () => registry.countTakeover(),
  };
}
