// `npm run bench`: what the gateway costs, each figure beside a yardstick of the same run. Ratios compare within one run;
// absolute figures are this machine's, at this moment.
import { benchBudgets } from './budgets.ts';
import { benchDeletions, CONCURRENCY, roundTrips } from './deletions.ts';
import { installPeers } from './install-peers.ts';
import { benchLimitedPages } from './limited-pages.ts';
import { benchLookups, READS_AT_ONCE } from './lookups.ts';
import { benchOperations } from './operation-rows.ts';
import { GATEWAY, MERCURIUS, MESH, PROXY } from './page-contestants.ts';
import { benchPages, type PagesResult } from './pages.ts';
import { benchProcesses } from './processes.ts';
import {
  type Compared,
  megabytes,
  micros,
  ms,
  type Row,
  renderTable,
  times,
  toCompared,
  toText,
} from './table.ts';
import { compare, median } from './timing.ts';
import { benchWebApp } from './web-app.ts';

const LATENCY_MS = 20;
const COUNTS = [10, 100, 1000];

const rows: Row[] = [];
const add = (what: string, yardstickName: string, compared: Compared, unit: Row['unit']) =>
  rows.push({ what, yardstickName, compared, unit });
const tell = (text: string) => process.stderr.write(`${text} ...\n`);

await installPeers();

for (const isSame of [false, true]) {
  const what = isSame ? 'the same page, 32 connections' : 'page of 25, 32 connections';
  tell(isSame ? 'The same page' : 'Pages');
  const [page, ...others] = await benchPages([GATEWAY, PROXY, MERCURIUS, MESH], {
    connections: 32,
    rounds: 7,
    roundMs: 2000,
    warmUpMs: 4000,
    isSame,
  });
  if (!page || page.absent !== undefined) throw new Error(`the gateway did not start: ${page?.absent}`);
  for (const each of others) {
    if (each.absent !== undefined) {
      rows.push({ what, yardstickName: each.name, compared: undefined, unit: micros, note: each.absent });
      continue;
    }
    add(what, each.name, compare(page.micros, each.micros), micros);
    add('– its CPU time', each.name, compare(page.cpuMicros, each.cpuMicros), micros);
    if (isSame)
      add(
        '– its calls to upstream a second',
        each.name,
        toCompared(perSecond(page), perSecond(each)),
        toText,
      );
  }
}

{
  const what = 'the same page under api.video’s limits, answers a second';
  tell(what);
  const options = { connections: 32, ms: 60_000, reads: 500 };
  const [page, ...others] = await benchLimitedPages([GATEWAY, PROXY, MERCURIUS, MESH], options);
  if (!page || page.absent !== undefined) throw new Error(`the gateway did not start: ${page?.absent}`);
  const seconds = options.ms / 1000;
  for (const each of others) {
    const compared = toCompared(page.answers / seconds, each.answers / seconds);
    rows.push({
      what,
      yardstickName: each.name,
      compared: each.absent ? undefined : compared,
      unit: toText,
      note: each.absent ?? '',
    });
  }
}

const deletionMs = [];
for (const count of COUNTS) {
  const what = `${toText(count)} deletions`;
  tell(what);
  const isMany = count === 1000;
  const { ms: taken, calls: seen } = await benchDeletions(count, {
    latencyMs: LATENCY_MS,
    rounds: isMany ? 5 : 7,
    // A thousand take more than 20 seconds each time.
    oneByOneRounds: isMany ? 1 : 3,
  });
  const pool = `undici pool, ${CONCURRENCY} at once`;
  add(what, pool, compare(taken.gateway, taken.poolAtOnce), ms);
  add('– by round trips alone', pool, toCompared(roundTrips(count), Math.ceil(count / CONCURRENCY)), toText);
  add('– its calls to upstream', pool, toCompared(seen.all, count), toText);
  deletionMs.push({ gateway: median(taken.gateway), yardstick: median(taken.poolAtOnce) });
  if (count === COUNTS[0]) continue;
  add(what, 'official client, all at once', compare(taken.gateway, taken.clientAtOnce), ms);
  add(what, 'undici pool, one by one', compare(taken.gateway, taken.poolOneByOne), ms);
  add(what, 'official client, one by one', compare(taken.gateway, taken.clientOneByOne), ms);
}
add('1,000 deletions over 10', 'the pool’s growth', toGrowth(deletionMs), times);

const lookupMs = [];
for (const count of [10, 100, 300, 1000]) {
  const what = `${toText(count)} of 1,000 videos looked up`;
  tell(what);
  const { ms: taken, calls: seen } = await benchLookups(count, {
    latencyMs: LATENCY_MS,
    rounds: 7,
    oneByOneRounds: count === 300 ? 3 : 0,
  });
  const reads = `single reads, ${READS_AT_ONCE} at once`;
  add(what, reads, compare(taken.gateway, taken.poolAtOnce), ms);
  add('– its calls to upstream', reads, toCompared(seen.gateway, seen.poolAtOnce), toText);
  if (count === 300) add(what, 'single reads, one by one', compare(taken.gateway, taken.poolOneByOne), ms);
  else lookupMs.push({ gateway: median(taken.gateway), yardstick: median(taken.poolAtOnce) });
}
add('1,000 looked up over 10', 'the reads’ growth', toGrowth(lookupMs), times);

tell('Start and memory');
const processes = await benchProcesses({ rounds: 7, refusedIds: 100_000, afterVisitMs: 5_500 });
add('start to ready', 'node -e 0', compare(processes.readyMs, processes.bareMs), ms);
add(
  'start to ready, with the web app',
  'WEB_APP=off',
  compare(processes.readyMs, processes.readyWithoutAppMs),
  ms,
);
add('memory, idle', 'bare node', compare(processes.idleBytes, processes.bareBytes), megabytes);
add(
  'memory, after a visit to GraphiQL',
  'bare node',
  compare(processes.visitedBytes, processes.bareBytes),
  megabytes,
);
add(
  'memory, 100,000 ids refused, after that',
  'bare node',
  compare(processes.refusedBytes, processes.bareBytes),
  megabytes,
);

{
  tell('The web app');
  const { rowsMs, editorMs } = await benchWebApp({ rounds: 5, slowdown: 4 });
  add('web app: first visit to rows, CPU ÷ 4', 'GraphiQL’s editor', compare(rowsMs, editorMs), ms);
}

rows.push(...(await benchOperations(tell)));

tell('The governor');
for (const budget of await benchBudgets()) {
  const extra = budget.slowestShortCallMs > 0 ? `, these ${ms(budget.slowestShortCallMs)} at most` : '';
  add(`${budget.name} (${budget.most429s} × 429${extra})`, 'the least the windows allow', budget.ms, ms);
}

process.stdout.write(`\n${renderTable(rows)}\n`);

/** Calls to upstream in a second of asking. */
function perSecond({ upstreamCalls, micros: each, pages }: PagesResult): number {
  return upstreamCalls / ((pages * median(each)) / 1_000_000);
}

function toGrowth(sizes: readonly { gateway: number; yardstick: number }[]): Compared {
  const [first, last] = [sizes[0], sizes.at(-1)];
  if (!first || !last) throw new Error('nothing was measured');
  return toCompared(last.gateway / first.gateway, last.yardstick / first.yardstick);
}
