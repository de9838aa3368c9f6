// The rows of durable operations.
import { startPostgres } from '../support/postgres.ts';
import {
  benchBeside,
  benchCosts,
  benchMakespan,
  benchTakeover,
  createBenchStore,
  type StoreName,
} from './operations.ts';
import { benchSubscribers } from './subscribers.ts';
import { megabytes, micros, ms, type Row, toCompared, toText } from './table.ts';
import { compare } from './timing.ts';

const STORES: readonly StoreName[] = ['SQLite', 'PostgreSQL'];

export async function benchOperations(tell: (text: string) => void): Promise<Row[]> {
  await using postgres = await startPostgres();
  const rows: Row[] = [];
  for (const name of STORES) {
    tell(`Operations on ${name}`);
    const add = (
      what: string,
      yardstickName: string,
      [gateway, yardstick]: readonly [number, number],
      unit: Row['unit'],
    ) => rows.push({ what, yardstickName, compared: toCompared(gateway, yardstick), unit });
    {
      await using store = await createBenchStore(name, postgres);
      const { operation, call } = await benchCosts(store, { count: 300, rounds: 3, latencyMs: 20 });
      const yardstickName = 'one call that waits';
      const what = `300 deletions as an operation, ${name}`;
      rows.push({ what, yardstickName, compared: compare(operation.ms, call.ms), unit: ms });
      const cpu = compare(operation.cpuMicros, call.cpuMicros);
      rows.push({ what: '– its CPU time, each', yardstickName, compared: cpu, unit: micros });
      const memory = compare(operation.rssBytes, call.rssBytes);
      rows.push({ what: '– its memory', yardstickName, compared: memory, unit: megabytes });
    }
    {
      await using store = await createBenchStore(name, postgres);
      const { gateway, yardstick } = await benchMakespan(store, { count: 560, writes: 200, windowMs: 4_000 });
      add('560 deletions at 200 in four seconds', 'the windows before the last', [gateway, yardstick], ms);
    }
    {
      await using store = await createBenchStore(name, postgres);
      const taken = await benchBeside(store, { ids: 100_000, ms: 5_000 });
      const { beside, alone, acceptedMs, refusedMs } = taken;
      add('100,000 ids recorded', 'as many refused', [acceptedMs, refusedMs], ms);
      add('– a query beside that, 99 % take', 'the same alone', [beside.p99Ms, alone.p99Ms], ms);
      add('– event-loop delay, 99 %', 'the same alone', [beside.loopP99Ms, alone.loopP99Ms], ms);
      add('– memory', 'after the refusal', [beside.rssBytes, alone.rssBytes], megabytes);
    }
    {
      await using store = await createBenchStore(name, postgres);
      const { gateway, yardstick } = await benchTakeover(store, name);
      const what = 'from kill -9 to the next deletion';
      const yardstickName = name === 'SQLite' ? 'start to ready' : 'the lease';
      add(`${what}, ${name}`, yardstickName, [gateway, yardstick], ms);
    }
  }
  tell('Subscribers');
  const results = [];
  for (const subscribers of [10, 1_000]) {
    await using store = await createBenchStore('SQLite', postgres);
    results.push(await benchSubscribers(store, { subscribers, ms: 5_000 }));
  }
  const [few, many] = results;
  if (!few || !many) throw new Error('nothing was measured');
  const what = '1,000 subscribers, CPU time in a second';
  const yardstickName = '10 subscribers';
  rows.push(
    {
      what,
      yardstickName,
      compared: toCompared(many.cpuMicros, few.cpuMicros),
      unit: (us) => ms(us / 1_000),
    },
    { what: '– their events', yardstickName, compared: toCompared(many.events, few.events), unit: toText },
    { what: '– memory', yardstickName, compared: toCompared(many.rssBytes, few.rssBytes), unit: megabytes },
  );
  return rows;
}
