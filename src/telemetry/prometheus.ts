// The metrics for Prometheus. Every label has few values: operations are labelled by their root field, not by the names
// that clients give them, and upstream's paths have a placeholder for each id.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Governor } from '../upstream/governor.ts';
import type { CallEnd, UpstreamCall } from '../upstream/observer.ts';
import type { Act } from './audit.ts';
import type { ClientOperation } from './current-request.ts';
import type { OperationEnd } from './observe-operations.ts';

export type MetricsRegistry = {
  readonly contentType: string;
  render(): Promise<string>;
  countResponse(status: number): void;
  countOperation(operation: ClientOperation, end: OperationEnd): void;
  countOutcome(act: Act, outcome: string): void;
  countUpstreamCall(call: UpstreamCall, end: CallEnd, durationMs: number): void;
  showCircuit(isOpen: boolean): void;
};

const PREFIX = 'apivideo_graphql_';
/** Batches wait up to a minute for upstream's budget. */
const OPERATION_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 90];
const CALL_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** One registry per process, shared by all its gateways: each further one would add a timer and an observer. */
let processRegistry: Registry | undefined;

/** @param governors - the governors of the projects served now. Each scrape reads them, without a request to upstream. */
export function createRegistry(governors: () => Iterable<Governor>): MetricsRegistry {
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
  const circuit = new Gauge({
    name: `${PREFIX}upstream_circuit_open`,
    help: '1 while api.video fails every request and the gateway refuses callers, else 0.',
    registers,
  });
  addBudgetGauges(registers, governors);

  return {
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
    showCircuit: (isOpen) => circuit.set(isOpen ? 1 : 0),
  };
}

function createProcessRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

function addBudgetGauges(registers: Registry[], governors: () => Iterable<Governor>): void {
  new Gauge({
    name: `${PREFIX}upstream_budget_remaining`,
    help: 'Requests that api.video still allows in this window, for the project with the fewest. Absent while unknown.',
    labelNames: ['class'],
    registers,
    collect() {
      this.reset();
      for (const budgetClass of ['read', 'write'] as const) {
        const known = [...governors()].flatMap((governor) => governor.budget(budgetClass).remaining ?? []);
        if (known.length > 0) this.set({ class: `${budgetClass}s` }, Math.min(...known));
      }
    },
  });
  const sum = (key: 'waiting' | 'inFlight') =>
    [...governors()].reduce((total, governor) => total + governor.load()[key], 0);
  new Gauge({
    name: `${PREFIX}upstream_queue_length`,
    help: 'Requests waiting for the rate limit of api.video or for a free slot.',
    registers,
    collect() {
      this.set(sum('waiting'));
    },
  });
  new Gauge({
    name: `${PREFIX}upstream_in_flight`,
    help: 'Requests to api.video in flight.',
    registers,
    collect() {
      this.set(sum('inFlight'));
    },
  });
}
