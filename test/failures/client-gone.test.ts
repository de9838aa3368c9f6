import { createServer, request as sendRequest } from 'node:http';
import { print } from 'graphql';
import { describe, expect, test } from 'vitest';
import {
  DeleteVideosDocument,
  DeleteVideosLeanDocument,
  RestoreVideosDocument,
} from '../generated/test-documents.ts';
import { assertTrue, rememberStates } from '../support/assert-true.ts';
import { captureLog } from '../support/capture-log.ts';
import { createRemovedVideos, createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { listen } from '../support/listen.ts';
import { DIALECTS, isOf } from '../support/plan-faults.ts';
import { startTestGateway, type TestGateway } from '../support/test-gateway.ts';

const SLOW = 60_000;
const HEADERS = { 'content-type': 'application/json', accept: 'application/json' };
const CONCURRENCY = 5;

/** Resolves once that many requests on the videos have arrived. */
function arrived(
  { sandbox }: TestGateway,
  ids: readonly string[],
  method: 'DELETE' | 'PATCH',
  count: number,
) {
  const { promise, resolve } = Promise.withResolvers<void>();
  let seen = 0;
  sandbox.setFault((request) => {
    if (isOf(request, ids, method)) seen += 1;
    if (seen >= count) resolve();
    return undefined;
  });
  return promise;
}

/** Upstream's log does not grow any more: what was under way has had time to end, and nothing new follows. */
async function settled({ sandbox }: TestGateway): Promise<void> {
  for (let before = -1; before !== sandbox.requests.length; ) {
    before = sandbox.requests.length;
    await new Promise((resolve) => setTimeout(resolve, 600));
  }
}

describe.each(DIALECTS)('the client goes away, in the %s dialect', { concurrent: true }, (dialect) => {
  test.each(['deleteVideos', 'restoreVideos'] as const)(
    'nothing new is sent for an aborted %s',
    { timeout: SLOW },
    async (field) => {
      const deletes = field === 'deleteVideos';
      const { videos, ids } = deletes ? createVideos(60) : createRemovedVideos(60);
      await using started = await startTestGateway({
        dialect,
        videos,
        latencyMs: 30,
        env: { UPSTREAM_CONCURRENCY: String(CONCURRENCY) },
      });
      const { sandbox, gateway } = started;
      const some = arrived(started, ids, deletes ? 'DELETE' : 'PATCH', 15);
      const client = new AbortController();

      const answer = gateway
        .fetch('http://127.0.0.1/graphql', {
          method: 'POST',
          headers: HEADERS,
          body: JSON.stringify({
            query: print(deletes ? DeleteVideosLeanDocument : RestoreVideosDocument),
            variables: { ids },
          }),
          signal: client.signal,
        })
        .catch(() => undefined);
      await some;
      client.abort();
      const listWrites = () =>
        sandbox.requests.filter(({ kind, videoId }) => kind === 'write' && videoId && ids.includes(videoId));
      const arrivedByThen = listWrites().length;
      await answer;
      await settled(started);

      // What was on its way when the client left may still arrive, and is verified; nothing is taken up after it.
      const writes = listWrites();
      expect(writes.length - arrivedByThen).toBeLessThanOrEqual(CONCURRENCY);
      expect(writes.length).toBeLessThan(30);
      // What was sent is let finish.
      for (const { videoId, status } of writes) {
        expect(status).toBe(deletes ? 204 : 200);
        expect(sandbox.state(videoId ?? '')).toBe(deletes ? 'removed' : 'live');
      }
    },
  );

  test('nothing new is sent where the socket of the client closes', { timeout: SLOW }, async () => {
    const { videos, ids } = createVideos(60);
    await using started = await startTestGateway({
      dialect,
      videos,
      latencyMs: 30,
      env: { UPSTREAM_CONCURRENCY: String(CONCURRENCY) },
    });
    const { sandbox, gateway } = started;
    const server = createServer(gateway.handle);
    await using listening = await listen(server);
    const { port } = listening;
    const some = arrived(started, ids, 'DELETE', 15);

    const client = sendRequest({
      port,
      host: '127.0.0.1',
      method: 'POST',
      path: '/graphql',
      headers: HEADERS,
    });
    client.on('error', () => {});
    client.end(JSON.stringify({ query: print(DeleteVideosLeanDocument), variables: { ids } }));
    await some;
    client.destroy();
    const listWrites = () => sandbox.requests.filter((request) => isOf(request, ids, 'DELETE'));
    const arrivedByThen = listWrites().length;
    await settled(started);

    // The news takes a moment through the socket, so that a round of deletions may have begun meanwhile.
    const writes = listWrites();
    expect(writes.length - arrivedByThen).toBeLessThanOrEqual(3 * CONCURRENCY);
    expect(writes.length).toBeLessThan(40);
    for (const { videoId } of writes) expect(sandbox.state(videoId ?? '')).toBe('removed');
  });

  test('what was sent is verified, and the audit has its outcome', { timeout: SLOW }, async () => {
    const { videos, ids } = createVideos(1);
    const log = captureLog('info');
    await using started = await startTestGateway({
      dialect,
      videos,
      lagMs: 700,
      env: { VIDEO_RESTORE: 'on' },
      logger: log.logger,
    });
    const { gateway, sandbox } = started;
    const deleted = arrived(started, ids, 'DELETE', 1);
    const client = new AbortController();
    const variables = { ids };

    const answer = gateway
      .fetch('http://127.0.0.1/graphql', {
        method: 'POST',
        headers: HEADERS,
        body: JSON.stringify({ query: print(DeleteVideosLeanDocument), variables }),
        signal: client.signal,
      })
      .catch(() => undefined);
    await deleted;
    client.abort();
    await answer;

    await eventually(() => {
      const audit = log.lines.filter(({ audit: isAudit }) => isAudit);
      expect(audit).toMatchObject([{ videoId: ids[0], outcome: 'removed' }]);
    });
    expect(sandbox.state(ids[0] ?? '')).toBe('removed');
  });

  test('another client is served as if nothing had happened', { timeout: SLOW }, async () => {
    const { videos, ids } = createVideos(30);
    await using started = await startTestGateway({
      dialect,
      videos,
      latencyMs: 30,
      env: { UPSTREAM_CONCURRENCY: String(CONCURRENCY) },
    });
    const { sandbox, gateway, execute } = started;
    const [mine, theirs] = [ids.slice(0, 15), ids.slice(15)];
    const some = arrived(started, mine, 'DELETE', 3);
    const client = new AbortController();
    const before = rememberStates(sandbox, theirs);

    const answer = gateway
      .fetch('http://127.0.0.1/graphql', {
        method: 'POST',
        headers: HEADERS,
        body: JSON.stringify({ query: print(DeleteVideosDocument), variables: { ids: mine } }),
        signal: client.signal,
      })
      .catch(() => undefined);
    const others = execute(DeleteVideosDocument, { ids: theirs });
    await some;
    client.abort();
    const { deleteVideos } = await others;
    await answer;

    expect(assertTrue(sandbox, before, deleteVideos)).toEqual(theirs.map(() => 'VideoRemoved'));
  });

  test('another client does not pay for a probe that its first caller has left', {
    timeout: SLOW,
  }, async () => {
    const { videos, ids } = createVideos(4);
    await using started = await startTestGateway({ dialect, videos, latencyMs: 100 });
    const { sandbox, gateway, execute } = started;
    const [mine, theirs] = [ids.slice(0, 2), ids.slice(2)];
    const client = new AbortController();
    const { promise: probing, resolve } = Promise.withResolvers<void>();
    sandbox.setFault(({ method, path }) => {
      if (method === 'POST' && path === '/videos') resolve();
      return undefined;
    });
    const before = rememberStates(sandbox, theirs);

    const answer = gateway
      .fetch('http://127.0.0.1/graphql', {
        method: 'POST',
        headers: HEADERS,
        body: JSON.stringify({ query: print(DeleteVideosDocument), variables: { ids: mine } }),
        signal: client.signal,
      })
      .catch(() => undefined);
    const others = execute(DeleteVideosDocument, { ids: theirs });
    await probing;
    client.abort();
    const { deleteVideos } = await others;
    await answer;

    expect(assertTrue(sandbox, before, deleteVideos)).toEqual(theirs.map(() => 'VideoRemoved'));
    expect(mine.map((id) => sandbox.state(id))).toEqual(mine.map(() => 'live'));
  });
});
