// The numbers that the check reports and promises, compared with the requests that api.video saw.
import { expect, test } from 'vitest';
import {
  MOST_READS,
  MOST_READS_WITH_WRITES,
  MOST_WRITES,
  RequestAllowance,
} from '../../src/check/request-allowance.ts';
import { demoVideos } from '../../src/sandbox/demo-videos.ts';
import type { Sandbox, SandboxRequest } from '../../src/sandbox/server.ts';
import { readText } from '../docs/read-documents.ts';
import { check } from '../support/check.ts';
import { startSandbox } from '../support/sandbox.ts';

const start = () => startSandbox({ videos: demoVideos() });

const isKind = (kind: SandboxRequest['kind']) => (request: SandboxRequest) => request.kind === kind;

function count({ requests }: Sandbox) {
  const of = (kind: SandboxRequest['kind']) => requests.filter(isKind(kind)).length;
  return { read: of('read'), write: of('write'), auth: of('auth') };
}

/** Refuses a kind of request after so many, as api.video does while others use up the limit. */
function limitAfter(sandbox: Sandbox, kind: 'read' | 'write', most: number): void {
  let times = 0;
  sandbox.setFault((request) => {
    if (request.kind !== kind) return undefined;
    times += 1;
    const headers = { 'x-ratelimit-retry-after': '1' };
    return times > most ? { kind: 'answer', acts: false, status: 429, headers } : undefined;
  });
}

/** The pauses after each 429, until the next requests of that kind. */
function pausesAfter429({ requests }: Sandbox, kind: 'read' | 'write'): number[] {
  const sent = requests.filter(isKind(kind));
  return sent.flatMap(({ status, at }, index) => {
    const next = sent[index + 1];
    return status === 429 && next ? [next.at - at] : [];
  });
}

test('the report has every request that api.video saw, and the clean-up too', async () => {
  await using sandbox = await start();
  const { sent } = await check(sandbox.url, { write: true });

  expect(sent).toEqual(count(sandbox));
  expect(sent.write).toBe(8);
});

test('a report of a run that fails has every request, too', async () => {
  await using sandbox = await start();
  sandbox.setFault(({ method }) => (method === 'DELETE' ? { kind: 'reset', acts: false } : undefined));
  const { sent } = await check(sandbox.url, { write: true });

  expect(sent).toEqual(count(sandbox));
});

test.each([0, 1, 5, 6, 7])(
  'if every write after %i gets 429, it sends at most the promised writes, with a pause before each',
  async (most) => {
    await using sandbox = await start();
    limitAfter(sandbox, 'write', most);
    const { sent, text } = await check(sandbox.url, { write: true });

    expect(sent).toEqual(count(sandbox));
    expect(sent.write).toBeGreaterThan(most);
    expect(sent.write).toBeLessThanOrEqual(MOST_WRITES);
    for (const pause of pausesAfter429(sandbox, 'write')) expect(pause).toBeGreaterThanOrEqual(900);
    expect(text('probe video')).toContain('What is left');
  },
);

test('a clean-up after all other writes still has two of its own', async () => {
  await using sandbox = await start();
  // Every other write is refused, until the check may send no more.
  let times = 0;
  sandbox.setFault(({ kind }) => {
    if (kind !== 'write') return undefined;
    times += 1;
    const headers = { 'x-ratelimit-retry-after': '0' };
    return times % 2 === 0 && times < MOST_WRITES
      ? { kind: 'answer', acts: false, status: 429, headers }
      : undefined;
  });
  const { sent, text } = await check(sandbox.url, { write: true });

  expect(sent.write).toBeLessThanOrEqual(MOST_WRITES);
  expect(sent).toEqual(count(sandbox));
  expect(text('probe video')).toMatch(/removed/);
});

test('concurrent requests all wait for one reset, and their wait counts once', () => {
  const allowance = new RequestAllowance(true);
  const now = performance.now();
  const headers = {
    'x-ratelimit-limit': '500',
    'x-ratelimit-remaining': '0',
    'x-ratelimit-retry-after': '60',
  };
  allowance.note('read', {
    status: 429,
    headers,
    body: Buffer.alloc(0),
    sentAt: now,
    receivedAt: now,
  });

  const waits = [1, 2, 3, 4].map(() => allowance.toWaitMs('read'));
  for (const wait of waits) expect(wait).toBeGreaterThan(55_000);
});

test.each(['docs/check.md', 'docs/security.md'])('%s promises the numbers of the code', (document) => {
  const text = readText(document).replaceAll(/\s+/g, ' ');
  const promised = [...text.matchAll(/at most (\d+) reads/g)].map(([, reads]) => Number(reads));
  expect(promised).toEqual([MOST_READS, MOST_READS_WITH_WRITES]);
  expect(text).toMatch(new RegExp(`at most ${MOST_READS_WITH_WRITES} reads,? and ${MOST_WRITES} writes`));
});
