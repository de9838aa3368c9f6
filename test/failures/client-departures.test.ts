// Clients leave at every stage of a call. Nothing new is written for them, and the gateway goes on for all others: its
// event loop is never blocked.
import { createServer, type ServerResponse } from 'node:http';
import { exportJWK, generateKeyPair } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SandboxLimits, SandboxRequest } from '../../src/sandbox/server.ts';
import {
  DeleteVideosLeanDocument,
  RestoreVideosDocument,
  VideoDocument,
  VideosDocument,
} from '../generated/test-documents.ts';
import { createRemovedVideos, createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { createToken, JWT } from '../support/issue-jwt.ts';
import { listen } from '../support/listen.ts';
import { isOf } from '../support/plan-faults.ts';
import {
  type Call,
  createProjects,
  type Operation,
  startWatchedGateway,
  type WatchedGateway,
  type WatchedProject,
} from '../support/watched-gateway.ts';

const MOST_BLOCKED_MS = 200;
const WINDOW_MS = 5_000;
const ENV = { VIDEO_RESTORE: 'on', UPSTREAM_CONCURRENCY: '5' };

type Stage = {
  /** How many videos there are. */
  readonly count: number;
  readonly removed?: boolean;
  /** Another client works on the first so many of them, and the one that leaves works on the others. */
  readonly others?: number;
  readonly limits?: SandboxLimits;
  /** How long api.video gets no request once all is over, if a wait of this stage takes longer than usual. */
  readonly quietMs?: number;
  /** Begins a call, and resolves with it as soon as it has reached the stage. */
  readonly begin: (project: WatchedProject, ids: readonly string[]) => Promise<Call>;
};

const deletion = (ids: readonly string[], ifPermanent: 'ALLOW' | 'REFUSE') => ({
  document: DeleteVideosLeanDocument,
  variables: { ids: [...ids], options: { ifPermanent } },
});
const restore = (ids: readonly string[]) => ({
  document: RestoreVideosDocument,
  variables: { ids: [...ids] },
});
const read = (id = '') => ({ document: VideoDocument, variables: { id } });
const READ_PAGE = { document: VideosDocument, variables: { first: 10 } };

const isRead = ({ kind }: SandboxRequest) => kind === 'read';
const isCreation = ({ method, path }: SandboxRequest) => method === 'POST' && path === '/videos';
const isDeletion = ({ method }: SandboxRequest) => method === 'DELETE';
const isRestore = ({ method }: SandboxRequest) => method === 'PATCH';

/** A stage in which api.video is answering one of the call's own requests. */
function during<Variables>(
  isHeld: (request: SandboxRequest, before: readonly SandboxRequest[]) => boolean,
  toOperation: (ids: readonly string[]) => Operation<Variables>,
  count = 1,
): Stage['begin'] {
  return async (project, ids) => {
    const held = project.hold((request) => isHeld(request, project.requests()), count);
    const call = project.call(toOperation(ids));
    await held;
    return call;
  };
}

/** Begins a call whose first deletion is in doubt, so that it probes before the next one. The probe is held. */
async function beginProbe(project: WatchedProject, ids: readonly string[]): Promise<Call> {
  const held = project.hold(isCreation, 1, (request) => {
    // Which one is deleted first depends on which one is looked up first.
    const { videoId: first } = project.requests().find(isDeletion) ?? {};
    const isReadBack = first !== undefined && isOf(request, [first], 'GET');
    return isReadBack ? { kind: 'answer', acts: false, status: 500 } : undefined;
  });
  const call = project.call(deletion(ids, 'REFUSE'));
  await held;
  return call;
}

const allow = (ids: readonly string[]) => deletion(ids, 'ALLOW');
const STAGES: Record<string, Stage> = {
  'before its body is complete': {
    count: 1,
    begin: async ({ beginBody, heard }) => {
      const call = beginBody();
      await heard();
      return call;
    },
  },
  'while api.video checks its key': { count: 2, begin: during(({ kind }) => kind === 'auth', allow) },
  'during the read that shows the dialect': { count: 2, begin: during(isRead, allow) },
  'during the last read before the first deletion': {
    count: 200,
    begin: during(({ query }) => query.get('currentPage') === '1', allow),
  },
  'during a later read, beside its first deletion': {
    count: 200,
    begin: during((each) => isDeletion(each) || each.query.get('currentPage') === '2', allow, 2),
  },
  'during its own probe': { count: 3, begin: beginProbe },
  "during another call's probe": {
    count: 4,
    others: 2,
    begin: async (project, ids) => {
      const { call, heard } = project;
      await beginProbe(project, ids.slice(0, 2));
      const leaving = call(deletion(ids.slice(2), 'REFUSE'));
      await heard();
      return leaving;
    },
  },
  'while another call holds the lock of its video': {
    count: 1,
    begin: async ({ hold, call, heard }, ids) => {
      const held = hold(isDeletion);
      call(allow(ids));
      await held;
      const leaving = call(restore(ids));
      await heard();
      return leaving;
    },
  },
  'while it waits for the next window of the rate limit': {
    count: 9,
    limits: { reads: 500, writes: 2 },
    quietMs: WINDOW_MS + 1_000,
    begin: async ({ call, requests }, ids) => {
      const leaving = call(allow(ids));
      await eventually(() => {
        const { length } = requests().filter(({ status }) => status === 204);
        expect(length).toBeGreaterThanOrEqual(2);
      });
      return leaving;
    },
  },
  'while it waits after a 429': {
    count: 5,
    quietMs: 4_000,
    begin: async ({ setFault, call, requests }, ids) => {
      const headers = { 'X-RateLimit-Retry-After': '3', 'X-RateLimit-Remaining': '0' };
      setFault((request) =>
        isDeletion(request) ? { kind: 'answer', acts: false, status: 429, headers } : undefined,
      );
      const leaving = call(allow(ids));
      await eventually(() => expect(requests().some(({ status }) => status === 429)).toBe(true));
      return leaving;
    },
  },
  'during its deletions': { count: 40, begin: during(isDeletion, allow, 5) },
  'while its first deletion is read back': {
    count: 5,
    begin: during(
      (request, all) => isRead(request) && all.some(isDeletion),
      (ids) => deletion(ids, 'REFUSE'),
    ),
  },
  'during its restores': { count: 40, removed: true, begin: during(isRestore, restore, 5) },
  'during the read of a video': { count: 1, begin: during(isRead, ([id]) => read(id)) },
  'during the read of a page that another client began': {
    count: 1,
    begin: async (project, ids) => {
      await during(isRead, () => READ_PAGE)(project, ids);
      const leaving = project.call(READ_PAGE);
      await project.heard();
      return leaving;
    },
  },
};

describe('a client that leaves', () => {
  let gateway: WatchedGateway;
  let addProject: ReturnType<typeof createProjects>;
  beforeAll(async () => {
    const env = { ...ENV, AUTH: 'passthrough', APIVIDEO_API_KEY: '' };
    gateway = await startWatchedGateway({ windowMs: WINDOW_MS }, env);
    addProject = createProjects(gateway);
  }, 60_000);
  afterAll(() => gateway[Symbol.asyncDispose]());

  test.each(Object.entries(STAGES))('%s', async (name, stage) => {
    const { count, removed, others = 0, limits = null, quietMs = 1_000, begin } = stage;
    const { videos, ids } = removed ? createRemovedVideos(count) : createVideos(count);
    const project = addProject(name, videos, limits);

    const leaving = await begin(project, ids);
    await leaving.leave();
    const leftAt = performance.now();
    // A probe is begun by failing the reads of the one that was deleted first.
    const { videoId: first } = project.requests().find(isDeletion) ?? {};
    const other = ids.findLast((id) => id !== first) ?? ids.at(-1);
    const { answer } = project.call(read(other));
    await project.settled(quietMs);

    const own = ids.slice(others);
    const late = project
      .requests()
      .filter(({ kind, at }) => kind === 'write' && at > leftAt)
      .filter(({ videoId = '' }) => others === 0 || own.includes(videoId));
    expect(late.slice(0, 5).map(({ method, path }) => `${method} ${path}`)).toEqual([]);
    expect(await answer).toMatchObject({ data: { video: { id: other } } });
    expect(await gateway.longestBlockMs()).toBeLessThan(MOST_BLOCKED_MS);
  });
});

test('a client that leaves while the keys for its token are fetched', async () => {
  const { promise: asked, resolve } = Promise.withResolvers<ServerResponse>();
  await using keys = await listen(createServer((_request, response) => resolve(response)));
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256', use: 'sig' };
  const { videos, ids } = createVideos(2);
  const url = `http://127.0.0.1:${keys.port}/`;
  await using gateway = await startWatchedGateway({ videos }, { ...ENV, ...JWT, JWT_JWKS_URL: url });
  const token = createToken({ scope: 'videos:read videos:delete' }, { alg: 'ES256', kid: 'one' });
  const headers = { authorization: `Bearer ${await token.sign(privateKey)}` };

  const leaving = gateway.call(allow(ids), headers);
  const response = await asked;
  await leaving.leave();
  const { answer } = gateway.call(read(ids[0]), headers);
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: [jwk] }));

  expect(await answer).toMatchObject({ data: { video: { id: ids[0] } } });
  expect(gateway.sandbox.requests.filter(({ kind }) => kind === 'write')).toEqual([]);
  expect(await gateway.longestBlockMs()).toBeLessThan(MOST_BLOCKED_MS);
});
