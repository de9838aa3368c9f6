// When an audit line is written: as soon as it is known what became of its video, whatever the rest of the batch does.
import { expect, test } from 'vitest';
import { captureLog, type LogLine } from '../support/capture-log.ts';
import { createRemovedVideos, createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { startGatewayProcess } from '../support/gateway-process.ts';
import { firstOf, inTurn, isOf } from '../support/plan-faults.ts';
import { startSandbox } from '../support/sandbox.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const SLOW = 60_000;
const DELETE =
  'mutation ($ids: [ID!]!) { deleteVideos(ids: $ids, options: { ifPermanent: ALLOW }) { results { __typename videoId ... on VideoRemoved { alreadyRemoved } ... on VideoFailure { code } } } }';
const RESTORE =
  'mutation ($ids: [ID!]!) { restoreVideos(ids: $ids) { results { __typename videoId ... on VideoRestored { alreadyLive } ... on VideoFailure { code } } } }';

type Told = Readonly<Record<'videoId' | 'outcome', unknown>>;

const toTold = ({ videoId, outcome }: Told): string => `${videoId}: ${outcome}`;

test.each([
  ['deletion', DELETE, 'DELETE', 'removed'],
  ['restore', RESTORE, 'PATCH', 'restored'],
] as const)(
  'a process killed in the middle of a batch leaves a line for each %s that was settled by then',
  { timeout: SLOW },
  async (_name, query, method, outcome) => {
    const { videos, ids } = method === 'DELETE' ? createVideos(40) : createRemovedVideos(40);
    await using sandbox = await startSandbox({ videos });
    const held = ids[20] ?? '';
    sandbox.setFault((request) =>
      isOf(request, [held], method) ? { kind: 'hang', acts: false } : undefined,
    );
    await using gateway = startGatewayProcess([], {
      PORT: '0',
      APIVIDEO_API_KEY: 'sandbox-key',
      APIVIDEO_BASE_URL: sandbox.url,
      UPSTREAM_CONCURRENCY: '4',
      UPSTREAM_TIMEOUT_MS: '60000',
    });
    const { child, ended, output } = gateway;
    const answering = fetch(await gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables: { ids } }),
    }).then(
      () => 'answered',
      () => 'cut',
    );
    const audits = () => output.stdout.split('\n').filter((line) => line.includes('"audit":true'));
    await eventually(() => expect(audits()).toHaveLength(ids.length - 1));

    child.kill('SIGKILL');
    await ended;

    expect(await answering).toBe('cut');
    const others = ids.filter((id) => id !== held);
    const told: Told[] = audits().map((line) => JSON.parse(line));
    expect(told.map(toTold).sort()).toEqual(others.map((id) => `${id}: ${outcome}`).sort());
  },
);

test('each distinct id has one line, which agrees with the answer, even if two calls meet', async () => {
  const { videos, ids: live } = createVideos(8);
  const { videos: gone, ids: removed } = createRemovedVideos(2);
  const [lost = '', refused = ''] = live;
  const { logger, lines } = captureLog('info');
  await using started = await startTestGateway({ videos: [...videos, ...gone], logger, latencyMs: 20 });
  const { sandbox, post } = started;
  sandbox.setFault(
    firstOf(
      inTurn([lost], 'DELETE', [{ kind: 'reset', acts: true }]),
      inTurn([refused], 'DELETE', Array(6).fill({ kind: 'answer', acts: false, status: 400 })),
    ),
  );
  const ids = [...live, ...removed, 'unknown1', 'unknown1'];

  const ask = async (query: string, requestId: string) => {
    const headers = { 'content-type': 'application/json', 'x-request-id': requestId };
    const { data } = await post({ query, variables: { ids } }, { headers });
    return toOutcomes(data);
  };
  const [first, second] = await Promise.all([ask(DELETE, 'first'), ask(DELETE, 'second')]);
  const third = await ask(RESTORE, 'third');

  const toldFor = (requestId: string) =>
    lines.filter((line: LogLine) => line.audit === true && line.requestId === requestId).map(toLine);
  expect(toldFor('first').sort()).toEqual(first.sort());
  expect(toldFor('second').sort()).toEqual(second.sort());
  expect(toldFor('third').sort()).toEqual(third.sort());
  // The looks of one were stale where the other had acted meanwhile.
  const outcomes = [...first, ...second].filter((line) => live.slice(2).some((id) => line.startsWith(id)));
  expect(outcomes.filter((line) => line.endsWith(': removed'))).toHaveLength(6);
  expect(outcomes.filter((line) => line.endsWith(': alreadyRemoved'))).toHaveLength(6);
});

function toLine({ videoId, outcome }: LogLine): string {
  return toTold({ videoId, outcome });
}

function toOutcomes(data: unknown): string[] {
  const [payload] = Object.values(Object(data));
  const results: Record<string, unknown>[] = Object(payload).results;
  return results.map(({ __typename, videoId, alreadyRemoved, alreadyLive, code }) => {
    if (__typename === 'VideoRemoved')
      return toTold({ videoId, outcome: alreadyRemoved ? 'alreadyRemoved' : 'removed' });
    if (__typename === 'VideoRestored')
      return toTold({ videoId, outcome: alreadyLive ? 'alreadyLive' : 'restored' });
    return toTold({ videoId, outcome: code });
  });
}
