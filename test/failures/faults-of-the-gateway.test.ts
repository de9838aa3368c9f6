// Faults that nobody has thought of, after a write has reached api.video: the answer does not say that it did nothing, and the
// deletions that follow wait for proof as after any lost answer.
import { expect, test } from 'vitest';
import { createProject } from '../../src/project/create-project.ts';
import { deleteBatch } from '../../src/removal/delete-batch.ts';
import { restoreBatch } from '../../src/removal/restore-batch.ts';
import { createApiKeyCredentials } from '../../src/upstream/credentials.ts';
import { type Connections, createConnections } from '../../src/upstream/transport.ts';
import { createRemovedVideos, createVideos } from '../support/create-videos.ts';
import { startSandbox } from '../support/sandbox.ts';

const CONCURRENCY = 5;

/** Fails whatever has come back from a write. */
function breakAfterWrites(connections: Connections): Connections {
  return {
    ...connections,
    share(most) {
      const transport = connections.share(most);
      return {
        async send(request) {
          const answer = await transport.send(request);
          if (['DELETE', 'PATCH'].includes(request.method)) throw new TypeError('a fault of the gateway');
          return answer;
        },
      };
    },
  };
}

test.each(['deletion', 'restore'])('in the hook before a %s: nothing was sent', async (act) => {
  const { videos, ids } = (act === 'restore' ? createRemovedVideos : createVideos)(3);
  await using sandbox = await startSandbox({ apiKey: 'key', videos });
  const connections = createConnections({ baseUrl: new URL(sandbox.url), connections: 25, timeoutMs: 5_000 });
  const project = createProject(connections, {
    dialect: 'auto',
    videoRestore: 'on',
    concurrency: CONCURRENCY,
    timeoutMs: 5_000,
    lagMs: 300,
    readCacheMs: 0,
  });
  const call = {
    deadline: performance.now() + 5_000,
    signal: new AbortController().signal,
    credentials: createApiKeyCredentials(project.transport, 'key'),
    beforeSend: async () => {
      throw new TypeError('a fault of the gateway');
    },
  };

  const outcomes: ReadonlyMap<string, { readonly kind: string; readonly code?: string }> =
    act === 'restore'
      ? await restoreBatch(project, ids, call)
      : await deleteBatch(project, ids, { ...call, ifPermanent: 'refuse' });
  await connections.close();

  expect([...outcomes.values()].map(({ code }) => code)).toEqual(ids.map(() => 'NOT_ATTEMPTED'));
  expect(ids.map((id) => project.recentWrites.latest(id))).toEqual(ids.map(() => undefined));
});

test.each(['deletion', 'restore'])('after each %s', async (act) => {
  const { videos, ids } = (act === 'restore' ? createRemovedVideos : createVideos)(40);
  await using sandbox = await startSandbox({ apiKey: 'key', videos, videoRestore: act === 'restore' });
  const options = { baseUrl: new URL(sandbox.url), connections: 25, timeoutMs: 5_000 };
  const connections = createConnections(options);
  const faults: unknown[] = [];
  const project = createProject(breakAfterWrites(connections), {
    dialect: 'auto',
    videoRestore: 'on',
    concurrency: CONCURRENCY,
    timeoutMs: 5_000,
    lagMs: 300,
    readCacheMs: 0,
    onFault: (fault) => void faults.push(fault),
  });
  const call = {
    deadline: performance.now() + 5_000,
    signal: new AbortController().signal,
    credentials: createApiKeyCredentials(project.transport, 'key'),
  };

  const outcomes: ReadonlyMap<string, { readonly kind: string; readonly code?: string }> =
    act === 'restore'
      ? await restoreBatch(project, ids, call)
      : await deleteBatch(project, ids, { ...call, ifPermanent: 'refuse' });
  await connections.close();

  const sent = new Set(sandbox.requests.filter(({ kind }) => kind === 'write').map(({ videoId }) => videoId));
  expect(sent.size).toBeGreaterThan(0);
  if (act === 'deletion') expect(sent.size).toBeLessThanOrEqual(2 * CONCURRENCY);
  for (const [id, { kind, code }] of outcomes) if (sent.has(id)) expect(code ?? kind).toBe('OUTCOME_UNKNOWN');
  expect(faults.length).toBeGreaterThanOrEqual(sent.size);
});
