// The metrics for Prometheus. Every label has few values: operations are labelled by their root field, not by the names
// that clients give them, and upstream's paths have a placeholder for each id.
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import type { CallEnd, UpstreamCall } from '../upstream/observer.ts';
import type { Act } from './audit.ts';
import type { ClientOperation } from './current-request.ts';
import type { GatewayState } from './gateway-state.ts';
import type { OperationEnd } from './observe-operations.ts';
import { addOperationMetrics, type OperationMetrics } from './operation-metrics.ts';
import { addStateMetrics, PREFIX } from './state-metrics.ts';

export type MetricsRegistry = OperationMetrics & {
  readonly contentType: string;
  render(): Promise<string>;
  countResponse(status: number): void;
  countOperation(operation: ClientOperation, end: OperationEnd): void;
  countOutcome(act: Act, outcome: string): void;
  countUpstreamCall(call: UpstreamCall, end: CallEnd, durationMs: number): void;
};

/** Batches wait up to a minute for upstream's budget. */
const OPERATION_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 90];
const CALL_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** One registry per process, shared by all its gateways: each further one would add a timer and an observer. */
let processRegistry: Registry | undefined;

/** @param state - read by each scrape, without a request to upstream. */
export function createRegistry(state: GatewayState): MetricsRegistry {
  processRegistry ??= createProcessRegistry();
  const ofProcess = processRegistry;
  const registers = [new Registry()];
  const [registry = new Registry()] = registers;
  const operations = new Histogram({
    name: `${PREFIX}operation_duration_seconds`,
    help: 'Duration of GraphQL operations, by root field, type and status.',
    labelNames: ['field', 'type', 'status'],
    buckets: OPERATION_BUCKETS,
    registers,
  });
  const errors = new Counter({
    name: `${PREFIX}errors_total`,
    help: 'GraphQL errors in answers, by code.',
    labelNames: ['code'],
    registers,
  });
  const responses = new Counter({
    name: `${PREFIX}http_responses_total`,
    help: 'HTTP responses by status, including requests that the gateway refused before parsing them.',
    labelNames: ['status'],
    registers,
  });
  const outcomes = new Counter({
    name: `${PREFIX}outcomes_total`,
    help: 'Videos that calls asked to delete or restore, by outcome.',
    labelNames: ['act', 'outcome'],
    registers,
  });
  const calls = new Histogram({
    name: `${PREFIX}upstream_request_duration_seconds`,
    help: 'Duration of requests to api.video. The status is lost or unsent if there was no complete answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: CALL_BUCKETS,
    registers,
  });
  addStateMetrics(registers, state);

  return {
    ...addOperationMetrics(registers, state.durable),
    contentType: registry.contentType,
    render: async () => (await registry.metrics()) + (await ofProcess.metrics()),
    countResponse: (status) => responses.inc({ status }),
    countOperation({ field, type }, { status, durationMs, errors: codes }) {
      operations.observe({ field, type, status }, durationMs / 1000);
      for (const [code, count] of Object.entries(codes)) errors.inc({ code }, count);
    },
    countOutcome: (act, outcome) => outcomes.inc({ act, outcome }),
    countUpstreamCall({ method, route }, end, durationMs) {
      calls.observe({ method, route, status: String(end) }, durationMs / 1000);
    },
  };
}

function createProcessRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}
