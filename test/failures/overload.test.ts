// Three times the load that a gateway may take on at once, for longer than it can hold out: what it accepts is answered
// right, what it refuses has cost nothing upstream, and its supervisor is answered all along.
import { AsyncDisposableStack } from '@whatwg-node/disposablestack';
import { expect, test } from 'vitest';
import { createVideo, type Sandbox } from '../../src/sandbox/server.ts';
import { assertTrue, rememberStates } from '../support/assert-true.ts';
import { createRemovedVideos, createVideos } from '../support/create-videos.ts';
import { startGatewayProcess } from '../support/gateway-process.ts';
import { startSandbox } from '../support/sandbox.ts';

const MAX_REQUESTS = 8;
const CLIENTS = 3 * MAX_REQUESTS;
const REQUESTS = 900;
/** Far more than are accepted, so that the load never runs out of videos. */
const CALLS_OF_A_KIND = 300;
const IDS_OF_A_CALL = 3;

type Call = { readonly kind: 'read' | 'delete' | 'restore'; readonly ids: readonly string[] };
type Results = NonNullable<Parameters<typeof assertTrue>[2]>;
type Answer = {
  readonly data?: { readonly payload?: Results; readonly [field: string]: unknown };
  readonly errors?: readonly { readonly extensions: { readonly code: string } }[];
};
type Answered = {
  readonly call: Call;
  readonly requestId: string;
  readonly status: number;
  readonly retryAfter: string | null;
  readonly answer: Answer;
};

const QUERIES: Record<Call['kind'], string> = {
  read: 'query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Video { title } } videos(filter: { tags: ["kept"] }) { totalCount } }',
  delete:
    'mutation ($ids: [ID!]!) { payload: deleteVideos(ids: $ids) { summary { requested succeeded failed pending } results { __typename videoId ... on VideoFailure { code } } userErrors { message } } }',
  restore:
    'mutation ($ids: [ID!]!) { payload: restoreVideos(ids: $ids) { summary { requested succeeded failed pending } results { __typename videoId ... on VideoFailure { code } } userErrors { message } } }',
};

async function send(url: string, call: Call, requestId: string): Promise<Answered> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', 'x-request-id': requestId },
    body: JSON.stringify({ query: QUERIES[call.kind], variables: { ids: call.ids } }),
  });
  const answer: Answer = JSON.parse(await response.text());
  return {
    call,
    requestId,
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    answer,
  };
}

function split(ids: readonly string[], kind: Call['kind']): Call[] {
  return Array.from({ length: ids.length / IDS_OF_A_CALL }, (_, index) => ({
    kind,
    ids: ids.slice(index * IDS_OF_A_CALL, (index + 1) * IDS_OF_A_CALL),
  }));
}

async function start() {
  await using stack = new AsyncDisposableStack();
  const kept = Array.from({ length: IDS_OF_A_CALL }, (_, index) =>
    createVideo({ title: `Kept ${index}`, tags: ['kept'] }),
  );
  const live = createVideos(CALLS_OF_A_KIND * IDS_OF_A_CALL);
  const removed = createRemovedVideos(CALLS_OF_A_KIND * IDS_OF_A_CALL);
  const sandbox = stack.use(
    await startSandbox({
      videos: [...kept, ...live.videos, ...removed.videos],
      latencyMs: 20,
      limits: { reads: 1_000_000, writes: 1_000_000 },
    }),
  );
  const gateway = startGatewayProcess([], {
    PORT: '0',
    APIVIDEO_API_KEY: 'sandbox-key',
    APIVIDEO_BASE_URL: sandbox.url,
    VIDEO_RESTORE: 'on',
    READ_CACHE_SECONDS: '0',
    MAX_REQUESTS: String(MAX_REQUESTS),
  });
  const reading: Call = { kind: 'read', ids: kept.map(({ videoId }) => videoId) };
  const restores = split(removed.ids, 'restore');
  const calls = split(live.ids, 'delete').flatMap((call, index) => [
    call,
    reading,
    restores[index] ?? reading,
  ]);
  stack.use(gateway);
  const url = await gateway.url;
  const started = stack.move();
  return { ...gateway, url, sandbox, kept, calls, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

/** The videos that were deleted or restored, once for each time. */
function listWritten({ requests }: Sandbox): (string | undefined)[] {
  const writes = requests.filter(({ method }) => method === 'DELETE' || method === 'PATCH');
  return writes.map(({ videoId }) => videoId).toSorted();
}

/** Every client has its next call sent as soon as the last is answered; one that was refused goes back to the end. */
async function keepBusy(url: string, calls: readonly Call[]) {
  const left = [...calls];
  const answered: Answered[] = [];
  const health: number[] = [];
  let sent = 0;
  const client = async () => {
    for (let call = left.shift(); call && sent < REQUESTS; call = left.shift()) {
      sent += 1;
      const [next, { status }] = await Promise.all([
        send(url, call, `load-${sent}`),
        fetch(new URL('/health', url)),
      ]);
      answered.push(next);
      health.push(status);
      if (next.status === 503) left.push(call);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return { answered, health, left };
}

test('at three times its load it answers right or refuses at no cost, and is itself again afterwards', {
  timeout: 120_000,
}, async () => {
  await using started = await start();
  const { sandbox, url, kept, calls, child, ended, output } = started;
  const states = rememberStates(sandbox, [...new Set(calls.flatMap(({ ids }) => ids))]);
  /** That an answer is what happened; the ids that were written for it. */
  const check = ({ call, answer }: Answered): readonly string[] => {
    expect(answer.errors).toBeUndefined();
    if (call.kind === 'read') {
      const nodes = kept.map(({ videoId, title }) => ({ id: videoId, title }));
      expect(answer.data).toEqual({ nodes, videos: { totalCount: kept.length } });
      return [];
    }
    const before = new Map([...states].filter(([id]) => call.ids.includes(id)));
    const told = assertTrue(sandbox, before, answer.data?.payload);
    expect(new Set(told)).toEqual(new Set([call.kind === 'delete' ? 'VideoRemoved' : 'VideoRestored']));
    return call.ids;
  };

  const { answered, health, left } = await keepBusy(url, calls);

  expect(answered).toHaveLength(REQUESTS);
  expect(health).toEqual(Array.from({ length: REQUESTS }, () => 200));
  const refused = answered.filter(({ status }) => status !== 200);
  const accepted = answered.filter(({ status }) => status === 200);
  // The load was there, and as much was served as can be.
  expect(refused.length).toBeGreaterThan(REQUESTS / 10);
  for (const kind of ['read', 'delete', 'restore']) {
    expect(accepted.filter(({ call }) => call.kind === kind).length).toBeGreaterThan(MAX_REQUESTS);
  }

  for (const { status, retryAfter, answer } of refused) {
    expect([status, retryAfter, answer.data, answer.errors?.map(({ extensions }) => extensions)]).toEqual([
      503,
      '1',
      undefined,
      [{ code: 'OVERLOADED' }],
    ]);
  }
  const sentFor = new Set(sandbox.requests.map(({ headers }) => headers['x-request-id']));
  expect(refused.filter(({ requestId }) => sentFor.has(requestId))).toEqual([]);

  const written = new Set(accepted.flatMap(check));
  expect(listWritten(sandbox)).toEqual([...written].toSorted());
  const untouched = [...states].filter(([id]) => !written.has(id));
  expect([
    ...rememberStates(
      sandbox,
      untouched.map(([id]) => id),
    ),
  ]).toEqual(untouched);

  // As many at once as are allowed, of every kind: none of the places is taken any more.
  const after = await Promise.all(
    left.slice(0, MAX_REQUESTS).map((call, index) => send(url, call, `after-${index}`)),
  );
  expect(after.map(({ status }) => status)).toEqual(Array.from({ length: MAX_REQUESTS }, () => 200));
  expect(listWritten(sandbox)).toEqual([...written, ...after.flatMap(check)].toSorted());
  const ready = await fetch(new URL('/ready', url));
  expect(await ready.json()).toMatchObject({ status: 'ready', upstream: { waiting: 0, inFlight: 0 } });

  child.kill('SIGTERM');
  expect(await ended).toEqual({ code: 0, signal: null });
  const levels = output.stdout
    .trim()
    .split('\n')
    .map((line) => Number(JSON.parse(line).level));
  expect(levels.filter((level) => level > 30)).toEqual([]);
  expect(output.stderr).toBe('');
});
