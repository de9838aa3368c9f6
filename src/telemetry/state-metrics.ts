// The metrics of a gateway's state: each scrape reads it. What happens from request to request is counted in prometheus.ts.
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Governor } from '../upstream/governor.ts';
import type { Circuit } from './circuit.ts';
import type { GatewayState } from './gateway-state.ts';
import type { LogHealth } from './log-output.ts';

type Budget = ReturnType<Governor['budget']>;

export const PREFIX = 'apivideo_graphql_';

export function addStateMetrics(
  registers: Registry[],
  { governors, circuit, openStreams, log, keys }: GatewayState,
): void {
  addCircuitGauge(registers, circuit);
  addBudgetGauges(registers, governors);
  if (log) addLogMetrics(registers, log);
  addKeysMetrics(registers, keys);
  new Gauge({
    name: `${PREFIX}open_streams`,
    help: 'Open streams of subscriptions.',
    registers,
    collect() {
      this.set(openStreams());
    },
  });
}

function addCircuitGauge(registers: Registry[], circuit: Circuit): void {
  new Gauge({
    name: `${PREFIX}upstream_circuit_open`,
    help: '1 while api.video fails every request and the gateway refuses callers, else 0.',
    registers,
    collect() {
      this.set(circuit.state === 'open' ? 1 : 0);
    },
  });
}

function addLogMetrics(registers: Registry[], log: LogHealth): void {
  new Gauge({
    name: `${PREFIX}log_stuck`,
    help: '1 while the log cannot be written and the gateway deletes and restores nothing, else 0.',
    registers,
    collect() {
      this.set(log.isStuck ? 1 : 0);
    },
  });
  new Counter({
    name: `${PREFIX}log_lines_lost_total`,
    help: 'Lines of the log that could not be written, by kind.',
    labelNames: ['kind'],
    registers,
    collect() {
      this.reset();
      for (const [kind, count] of Object.entries(log.lost)) this.inc({ kind }, count);
    },
  });
}

function addBudgetGauges(registers: Registry[], governors: () => Iterable<Governor>): void {
  /** Shows a value of the budget of the project with the fewest requests left, as long as that is known. */
  function show(gauge: Gauge<'class'>, read: (budget: Budget) => number | undefined): void {
    gauge.reset();
    for (const budgetClass of ['read', 'write'] as const) {
      let tightest: Budget | undefined;
      for (const governor of governors()) {
        const budget = governor.budget(budgetClass);
        if (
          (budget.remaining ?? Number.POSITIVE_INFINITY) < (tightest?.remaining ?? Number.POSITIVE_INFINITY)
        )
          tightest = budget;
      }
      const value = tightest && read(tightest);
      if (value !== undefined) gauge.set({ class: `${budgetClass}s` }, value);
    }
  }
  new Gauge({
    name: `${PREFIX}upstream_budget_remaining`,
    help: 'Requests that api.video still allows in this window, for the project with the fewest. Absent while unknown.',
    labelNames: ['class'],
    registers,
    collect() {
      show(this, ({ remaining }) => remaining);
    },
  });
  new Gauge({
    name: `${PREFIX}upstream_budget_limit`,
    help: 'Requests that api.video allows in a whole window, for the same project. Absent while unknown.',
    labelNames: ['class'],
    registers,
    collect() {
      show(this, ({ limit }) => limit);
    },
  });
  new Gauge({
    name: `${PREFIX}upstream_budget_resets_in_seconds`,
    help: 'Time until the next window begins, for the same project. Absent while unknown.',
    labelNames: ['class'],
    registers,
    collect() {
      show(this, ({ resetsInMs }) => (resetsInMs === undefined ? undefined : resetsInMs / 1000));
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

function addKeysMetrics(registers: Registry[], keys: GatewayState['keys']): void {
  new Gauge({
    name: `${PREFIX}jwks_age_seconds`,
    help: 'Time since the keys that verify tokens were last fetched. Absent while there are none.',
    registers,
    collect() {
      const ageSeconds = keys?.state.ageSeconds;
      if (ageSeconds === undefined) this.remove();
      else this.set(ageSeconds);
    },
  });
  new Gauge({
    name: `${PREFIX}jwks_fetch_failing`,
    help: '1 while the keys that verify tokens cannot be fetched, else 0.',
    registers,
    collect() {
      if (keys) this.set(keys.state.isFailing ? 1 : 0);
      else this.remove();
    },
  });
}
