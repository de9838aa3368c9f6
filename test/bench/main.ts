// `npm run bench`: what the gateway costs, each figure beside a yardstick of the same run. Ratios compare within one run;
// absolute figures are this machine's, at this moment.
import { benchBudgets } from './budgets.ts';
import { benchDeletions, CONCURRENCY, roundTrips } from './deletions.ts';
import { installPeers } from './install-peers.ts';
import { benchLookups } from './lookups.ts';
import { GATEWAY, MERCURIUS, MESH, PROXY } from './page-contestants.ts';
import { benchPages } from './pages.ts';
import { benchProcesses } from './processes.ts';
import { type Compared, calls, megabytes, micros, ms, type Row, renderTable, times } from './table.ts';
import { compare, median } from './timing.ts';

const LATENCY_MS = 20;
const COUNTS = [10, 100, 1000];

const rows: Row[] = [];
const add = (what: string, yardstickName: string, compared: Compared, unit: Row['unit']) =>
  rows.push({ what, yardstickName, compared, unit });
const tell = (text: string) => process.stderr.write(`${text} ...\n`);

await installPeers();

tell('Pages');
const [page, ...others] = await benchPages([GATEWAY, PROXY, MERCURIUS, MESH], {
  connections: 32,
  rounds: 7,
  roundMs: 2000,
  warmUpMs: 4000,
});
if (!page || page.absent !== undefined) throw new Error(`the gateway did not start: ${page?.absent}`);
for (const each of others) {
  const what = 'page of 25, 32 connections';
  if (each.absent !== undefined) {
    const note = `did not start: ${each.absent.split('\n')[0]?.slice(0, 60)}`;
    rows.push({ what, yardstickName: each.name, compared: undefined, unit: micros, note });
    continue;
  }
  add(what, each.name, compare(page.micros, each.micros), micros);
  add('its CPU time', each.name, compare(page.cpuMicros, each.cpuMicros), micros);
}

const deletionMs = [];
for (const count of COUNTS) {
  const named = count.toLocaleString('en');
  tell(`${named} deletions`);
  const isMany = count === 1000;
  const result = await benchDeletions(count, {
    latencyMs: LATENCY_MS,
    rounds: isMany ? 5 : 7,
    oneByOneRounds: isMany ? 1 : 3,
  });
  const { gateway, poolAtOnce, clientAtOnce, poolOneByOne, clientOneByOne } = result.ms;
  const what = `${named} deletions`;
  add(what, `bare undici pool, ${CONCURRENCY} at once`, compare(gateway, poolAtOnce), ms);
  const trips = { gateway: roundTrips(count), yardstick: Math.ceil(count / CONCURRENCY) };
  add('by round trips alone', 'the same', { ...trips, ratio: trips.gateway / trips.yardstick }, (n) =>
    String(n),
  );
  add('its upstream calls', 'the same', toCompared(result.calls.all, count), calls);
  add(what, 'official client, all at once', compare(gateway, clientAtOnce), ms);
  add(what, 'bare undici pool, one by one', compare(gateway.slice(0, poolOneByOne.length), poolOneByOne), ms);
  add(
    what,
    'official client, one by one',
    compare(gateway.slice(0, clientOneByOne.length), clientOneByOne),
    ms,
  );
  deletionMs.push({ gateway: median(gateway), yardstick: median(poolAtOnce) });
}
add('deletions: 1,000 over 10', 'undici pool’s growth', toGrowth(deletionMs), times);

const lookupMs = [];
for (const count of [10, 100, 300, 1000]) {
  const named = count.toLocaleString('en');
  tell(`${named} lookups`);
  const result = await benchLookups(count, {
    latencyMs: LATENCY_MS,
    rounds: 7,
    oneByOneRounds: count > 300 ? 1 : 3,
  });
  const { gateway, poolAtOnce, poolOneByOne } = result.ms;
  const what = `${named} of 1,000 videos looked up`;
  add(what, `single reads, ${CONCURRENCY} at once`, compare(gateway, poolAtOnce), ms);
  add(what, 'single reads, one by one', compare(gateway.slice(0, poolOneByOne.length), poolOneByOne), ms);
  add('its upstream calls', 'single reads', toCompared(result.calls.gateway, result.calls.poolAtOnce), calls);
  if (count !== 300) lookupMs.push({ gateway: median(gateway), yardstick: median(poolAtOnce) });
}
add('lookups: 1,000 over 10', 'single reads’ growth', toGrowth(lookupMs), times);

tell('Start and memory');
const processes = await benchProcesses({ rounds: 7, refusedIds: 100_000 });
add('start to ready', 'node -e 0', compare(processes.readyMs, processes.bareMs), ms);
add('memory, idle', 'bare node', compare(processes.idleBytes, processes.bareBytes), megabytes);
add(
  'memory, 100,000 ids refused',
  'bare node',
  compare(processes.refusedBytes, processes.bareBytes),
  megabytes,
);

tell('The governor');
for (const budget of await benchBudgets()) {
  const extra = budget.slowestShortCallMs > 0 ? `, these ${ms(budget.slowestShortCallMs)} at most` : '';
  add(`${budget.name} (${budget.most429s} × 429${extra})`, 'the windows’ least', budget.ms, ms);
}

process.stdout.write(`\n${renderTable(rows)}\n`);

function toCompared(gateway: number, yardstick: number): Compared {
  return { gateway, yardstick, ratio: gateway / yardstick };
}

function toGrowth(sizes: readonly { gateway: number; yardstick: number }[]): Compared {
  const [first, last] = [sizes[0], sizes.at(-1)];
  if (!first || !last) throw new Error('nothing was measured');
  return toCompared(last.gateway / first.gateway, last.yardstick / first.yardstick);
}
