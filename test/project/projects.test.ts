// How long what is kept for a project is kept: for minutes after its last request, and for as long as anything works on it.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { AsyncDisposableStack } from '@whatwg-node/disposablestack';
import { describe, expect, test, vi } from 'vitest';
import { assembleProject, createProject, type Project } from '../../src/project/create-project.ts';
import { Projects } from '../../src/project/projects.ts';
import { deleteBatch } from '../../src/removal/delete-batch.ts';
import type { VideoRestoreSetting } from '../../src/removal/restorability.ts';
import { type Credentials, createApiKeyCredentials } from '../../src/upstream/credentials.ts';
import { createConnections, type Transport } from '../../src/upstream/transport.ts';
import { createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { countEach, isOf } from '../support/plan-faults.ts';
import { startSandbox } from '../support/sandbox.ts';

/** Memory is measured, and time is replaced. */
const ALONE = { concurrent: false };
const IDLE_MS = 10 * 60_000;
/** More than are kept while idle. */
const MANY = 4_000;
const CONNECTIONS = 50;

const SETTINGS = {
  dialect: 'discarded',
  videoRestore: 'on',
  concurrency: 5,
  timeoutMs: 20_000,
  lagMs: 100,
  readCacheMs: 1_000,
} as const;

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

type Options = { sandbox?: Parameters<typeof startSandbox>[0]; setting?: VideoRestoreSetting };

async function start({ sandbox: options = {}, setting = 'on' }: Options = {}) {
  await using stack = new AsyncDisposableStack();
  const sandbox = stack.use(await startSandbox({ apiKey: 'key', limits: null, ...options }));
  const { timeoutMs } = SETTINGS;
  const baseUrl = new URL(sandbox.url);
  const connections = createConnections({ baseUrl, connections: CONNECTIONS, timeoutMs });
  stack.defer(() => connections.abort());
  const credentials = createApiKeyCredentials(connections.share(5), 'key');
  const projects = new Projects((events) =>
    createProject(connections, {
      ...events,
      ...SETTINGS,
      videoRestore: setting,
    }),
  );
  const started = stack.move();
  const [Symbol_asyncDispose] = [() => started.disposeAsync()];
  return { sandbox, connections, credentials, projects, [Symbol.asyncDispose]: Symbol_asyncDispose };
}

const inTime = () => performance.now() + 20_000;
const count = (projects: Projects) => [...projects].length;
const countReads = ({ videos }: Project, credentials: Credentials) =>
  videos.list('live', { currentPage: 1, pageSize: 1 }, 'read', { deadline: inTime(), credentials });

/** A WeakRef holds what it was made of until the end of the turn, and what was collected is noticed in a later one. */
async function collectAll(): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    await new Promise(setImmediate);
    collect();
  }
}

/** The connections of this process to others that are open. */
function countSockets(stack: AsyncDisposableStack): { open: number; most: number } {
  const counts = { open: 0, most: 0 };
  const onSocket = (message: unknown) => {
    const { socket } = Object(message);
    counts.open += 1;
    counts.most = Math.max(counts.most, counts.open);
    socket.once('close', () => {
      counts.open -= 1;
    });
  };
  subscribe('net.client.socket', onSocket);
  stack.defer(async () => void unsubscribe('net.client.socket', onSocket));
  return counts;
}

/** So many other projects come that the idle ones are let go of. */
function crowdOut(projects: Projects): void {
  for (let index = 0; index < MANY; index += 1) projects.enter(`other ${index}`);
}

function useFakeTime(stack: AsyncDisposableStack): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'], shouldAdvanceTime: true });
  // To lru-cache, what began at 0 never ends.
  vi.advanceTimersByTime(1_000);
  stack.defer(async () => void vi.useRealTimers());
}

describe('idle projects', ALONE, () => {
  test('weigh little, hold no connections, and are gone minutes after their last request', async () => {
    await using stack = new AsyncDisposableStack();
    useFakeTime(stack);
    const sockets = countSockets(stack);
    const { projects, credentials } = stack.use(await start());
    const read = async (from: number, to: number) => {
      for (let index = from; index < to; index += 200)
        await Promise.all(
          Array.from({ length: 200 }, (_, each) =>
            countReads(projects.enter(`project ${index + each}`), credentials),
          ),
        );
    };
    await read(0, 200);
    await collectAll();
    const before = process.memoryUsage().heapUsed;

    await read(200, 2_200);
    // Pages are kept for a second.
    await vi.advanceTimersByTimeAsync(2_000);
    await collectAll();

    expect(count(projects)).toBe(2_200);
    expect((process.memoryUsage().heapUsed - before) / 2_000).toBeLessThan(25_000);
    expect(sockets.most).toBeLessThanOrEqual(CONNECTIONS + 1);
    await vi.advanceTimersByTimeAsync(IDLE_MS);
    await collectAll();
    expect(count(projects)).toBe(0);
    // The log of the sandbox, too.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(5_000_000);
  });

  test('stay while their requests go on, although none enters', async () => {
    await using stack = new AsyncDisposableStack();
    useFakeTime(stack);
    const answer = { status: 200, headers: {}, body: Buffer.from('{}') };
    const connection: Transport = {
      send: async () => ({ ...answer, sentAt: performance.now(), receivedAt: performance.now() }),
    };
    const projects = new Projects((events) => assembleProject(connection, { ...events, ...SETTINGS }));
    const keepSending = async ({ transport }: Project) => {
      for (let minute = 0; minute < 25; minute += 5) {
        await vi.advanceTimersByTimeAsync(5 * 60_000);
        await transport.send({ method: 'GET', path: '/', headers: {} });
      }
    };
    const begin = () => keepSending(projects.enter('mine'));
    projects.enter('idle');

    await begin();
    await vi.advanceTimersByTimeAsync(IDLE_MS / 2);
    await collectAll();
    expect(count(projects)).toBe(1);
    await vi.advanceTimersByTimeAsync(IDLE_MS / 2);
    await collectAll();
    expect(count(projects)).toBe(0);
  });

  test('are let go of early if too many come', async () => {
    await using started = await start();
    const { projects, credentials } = started;
    const read = () => countReads(projects.enter('mine'), credentials);
    await read();

    crowdOut(projects);
    await collectAll();

    expect(count(projects)).toBe(3_000);
    expect(projects.enter('mine').videos.lastTotal('live')).toBeUndefined();
  });

  test('are as they were once more when they are entered again', async () => {
    await using started = await start();
    const { projects, credentials } = started;
    await countReads(projects.enter('mine'), credentials);
    crowdOut(projects);
    await collectAll();

    projects.enter('mine');
    await collectAll();
    await countReads(projects.enter('mine'), credentials);

    expect(projects.enter('mine').videos.lastTotal('live')).toBe(0);
  });

  test('are drained and ended like the others', async () => {
    await using started = await start();
    const { projects } = started;
    const known = projects.enter('known');
    projects.drain();
    const later = projects.enter('later');
    projects.end();

    const signals = [known, later, projects.enter('last')].flatMap(({ draining, ending }) => [
      draining,
      ending,
    ]);
    expect(signals.map(({ aborted }) => aborted)).toEqual(Array(6).fill(true));
  });
});

describe('a project that something works on', ALONE, () => {
  test('is the same for all: two deletions of one video never overlap, however long the first one takes', async () => {
    const { videos, ids } = createVideos(1);
    await using started = await start({ sandbox: { videos } });
    const { sandbox, projects, credentials } = started;
    const arrived = Promise.withResolvers<void>();
    sandbox.setFault((request) => {
      if (!isOf(request, ids, 'DELETE')) return undefined;
      arrived.resolve();
      return { kind: 'delay', ms: 5_000 };
    });
    const remove = () =>
      deleteBatch(projects.enter('mine'), ids, {
        deadline: inTime(),
        signal: new AbortController().signal,
        credentials,
        ifPermanent: 'allow',
      });
    const first = remove();
    await arrived.promise;
    crowdOut(projects);
    await collectAll();

    const second = remove();
    await collectAll();
    const outcomes = [...(await first).values(), ...(await second).values()];

    expect(outcomes).toMatchObject([{ kind: 'removed' }, { kind: 'removed' }]);
    // The second one waited for the first, and then found the video removed.
    expect(countEach(sandbox, ids, 'DELETE')).toEqual([1]);
    expect(count(projects)).toBe(3_000);
  });

  test('is the same for all while a read of it is under way, whose client has left', async () => {
    await using started = await start();
    const { sandbox, projects, credentials } = started;
    const arrived = Promise.withResolvers<void>();
    sandbox.setFault(({ path }) => {
      if (path !== '/videos') return undefined;
      arrived.resolve();
      return { kind: 'delay', ms: 5_000 };
    });
    const reading = countReads(projects.enter('mine'), credentials);
    await arrived.promise;
    crowdOut(projects);
    await collectAll();

    expect(projects.enter('mine').governor.load()).toEqual({ waiting: 0, inFlight: 1 });
    await reading;
    expect(projects.enter('mine').governor.load()).toEqual({ waiting: 0, inFlight: 0 });
  });

  test('is the same for all while any of its parts is in use', async () => {
    await using started = await start();
    const { projects } = started;
    const parts: (keyof Project)[] = [
      'locks',
      'governor',
      'riskWindow',
      'recentWrites',
      'videos',
      'restorability',
    ];
    const held = parts.map((part) => ({ part, value: projects.enter(part)[part] }));
    crowdOut(projects);
    await collectAll();

    expect(held.filter(({ part, value }) => projects.enter(part)[part] !== value)).toEqual([]);
  });

  test('is gone soon after the work', async () => {
    const { videos, ids } = createVideos(20);
    await using started = await start({ sandbox: { videos } });
    const { projects, credentials } = started;
    const request = new AbortController();
    await deleteBatch(projects.enter('mine'), [...ids, 'unknown1'], {
      deadline: inTime(),
      signal: request.signal,
      credentials,
      ifPermanent: 'refuse',
    });

    crowdOut(projects);
    await eventually(async () => {
      await collectAll();
      expect([...projects].filter(({ videos: each }) => each.lastTotal('live') !== undefined)).toEqual([]);
      expect(count(projects)).toBe(3_000);
    });
  });
});

test(
  'a project whose latest deletion destroyed its video is not forgotten: another one would be',
  ALONE,
  async () => {
    const { videos, ids } = createVideos(3);
    await using started = await start({ sandbox: { videos, videoRestore: false }, setting: 'on' });
    const { sandbox, projects, credentials } = started;
    const remove = (id = '') =>
      deleteBatch(projects.enter('mine'), [id], {
        deadline: inTime(),
        signal: new AbortController().signal,
        credentials,
        ifPermanent: 'refuse',
      });
    const [first] = (await remove(ids[0])).values();
    crowdOut(projects);
    await collectAll();

    const [second] = (await remove(ids[1])).values();
    sandbox.videoRestore = true;

    expect([first, second]).toMatchObject([
      { kind: 'failed', code: 'DESTROYED' },
      { kind: 'failed', code: 'PERMANENT_DELETION_REFUSED' },
    ]);
    expect(ids.map((id) => sandbox.state(id))).toEqual(['absent', 'live', 'live']);
  },
);
