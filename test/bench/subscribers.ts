// Many who follow one operation, against few: what their streams cost the gateway.
import { connect, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { startUpstream, videoIdAt } from './bench-upstream.ts';
import { type Store, startOperation } from './operations.ts';
import { startGateway } from './start-gateway.ts';

const FOLLOW = `subscription ($id: ID!) {
  operation(id: $id) { id status succeeded failed pending etaSeconds finishedAt }
}`;
/** As many connect at once. */
const AT_ONCE = 50;
/** The state at the beginning, and some changes: then deletions have begun, and go on. */
const READY = 3;

export type SubscribersResult = {
  /** CPU time of the gateway in a second, in microseconds. */
  readonly cpuMicros: number;
  readonly rssBytes: number;
  readonly events: number;
};

/** @param options - `ms`: how long they are measured, once all have had some events. */
export async function benchSubscribers(
  store: Store,
  { subscribers, ms }: { subscribers: number; ms: number },
): Promise<SubscribersResult> {
  // It outlasts the measurement.
  const upstream = await startUpstream({ count: 600, latencyMs: 400 });
  const gateway = await startGateway(upstream, { ...store.env, MAX_REQUESTS: '2000' });
  const sockets: Socket[] = [];
  try {
    const ids = Array.from({ length: 600 }, (_, index) => videoIdAt(index));
    const id = await startOperation(gateway, ids);
    const body = JSON.stringify({ query: FOLLOW, variables: { id } });
    const { port, host } = new URL(gateway.origin);
    const head = `POST /graphql HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\naccept: text/event-stream\r\ncontent-length: ${body.length}\r\n\r\n`;
    let events = 0;
    const counts = new Map<Socket, number>();
    const isReady = () => [...counts.values()].filter((count) => count >= READY).length === subscribers;
    while (sockets.length < subscribers) {
      const socket = connect(Number(port), '127.0.0.1');
      sockets.push(socket);
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        const more = chunk.toString('latin1').split('event: next').length - 1;
        events += more;
        counts.set(socket, (counts.get(socket) ?? 0) + more);
      });
      socket.write(head + body);
      if (sockets.length % AT_ONCE === 0) await setTimeout(50);
    }
    for (const until = performance.now() + 20_000; !isReady(); await setTimeout(50))
      if (performance.now() > until) throw new Error(`not all of ${subscribers} streams began`);
    events = 0;
    const before = await gateway.usage();
    const begin = performance.now();
    await setTimeout(ms);
    const after = await gateway.usage();
    const seconds = (performance.now() - begin) / 1_000;
    return { cpuMicros: (after.cpuMicros - before.cpuMicros) / seconds, rssBytes: after.rssBytes, events };
  } finally {
    for (const socket of sockets) socket.destroy();
    await gateway.stop();
    await upstream.stop();
  }
}
