// The metrics of durable operations. A scrape costs one statement of their store at most, and never waits long for it.
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Act } from './audit.ts';
import type { GatewayState, OperationsState } from './gateway-state.ts';
import { PREFIX } from './state-metrics.ts';

/** A scrape goes on without what the store has not answered by then. */
const PATIENCE_MS = 500;

export type OperationMetrics = {
  countEnd(act: Act, status: string): void;
  countTakeover(): void;
};

export function addOperationMetrics(registers: Registry[], state: GatewayState['durable']): OperationMetrics {
  let reading: ReturnType<typeof readInTime> | undefined;
  /** The gauges of a scrape, and of all scrapes meanwhile, share one look. */
  function read() {
    reading ??= readInTime(state()).finally(() => {
      reading = undefined;
    });
    return reading;
  }
  new Gauge({
    name: `${PREFIX}operations`,
    help: 'Durable operations of the project in the store that have not ended, by status. Gateways that share a store all show them. Absent while the store does not answer.',
    labelNames: ['status'],
    registers,
    async collect() {
      const depth = await read();
      this.reset();
      for (const [status, count] of Object.entries(depth?.operations ?? {})) this.set({ status }, count);
    },
  });
  new Gauge({
    name: `${PREFIX}operation_videos_pending`,
    help: 'Videos of durable operations that are not settled yet. Absent while the store does not answer.',
    registers,
    async collect() {
      show(this, (await read())?.items);
    },
  });
  new Gauge({
    name: `${PREFIX}operations_foreign`,
    help: 'Durable operations in the store that have not ended, and that only a gateway with another project, SECRET_KEY or upstream can go on with. Absent while the store does not answer.',
    registers,
    async collect() {
      const depth = await read();
      show(this, depth && depth.foreign + depth.locked);
    },
  });
  new Gauge({
    name: `${PREFIX}operation_store_failing`,
    help: '1 while the store of durable operations cannot be used, else 0.',
    registers,
    collect() {
      this.set(state()?.isUnavailable ? 1 : 0);
    },
  });
  const ends = new Counter({
    name: `${PREFIX}operations_ended_total`,
    help: 'Durable operations that this gateway has ended.',
    labelNames: ['act', 'status'],
    registers,
  });
  const takeovers = new Counter({
    name: `${PREFIX}operation_takeovers_total`,
    help: 'How often this gateway went on with a durable operation that another process had begun.',
    registers,
  });
  return {
    countEnd: (act, status) => ends.inc({ act, status }),
    countTakeover: () => takeovers.inc(),
  };
}

function show(gauge: Gauge, value: number | undefined): void {
  if (value === undefined) gauge.remove();
  else gauge.set(value);
}

/** Undefined if the store fails, or does not answer in time. */
async function readInTime(state: OperationsState | undefined) {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(resolve, PATIENCE_MS);
  const depth = await Promise.race([state?.depth().catch(() => undefined), late]);
  clearTimeout(timer);
  return depth;
}
