// What the web app's tests read from the sandbox's log: the writes and the lists, without those of the gateway's own probe.
import { PROBE_VIDEO } from '../../src/removal/probe.ts';
import type { Sandbox, SandboxRequest } from '../../src/sandbox/server.ts';

export type UpstreamRequests = {
  /** In order, as `DELETE id`, `RESTORE id`, or `PATCH id` for a change of another kind. */
  writes(): string[];
  /** In order, as path and query, readable. */
  lists(): string[];
};

/** Must be called before the gateway starts, when the sandbox has no video of the probe yet. */
export function createUpstreamRequests(sandbox: Sandbox): UpstreamRequests {
  const isProbe = createIsProbe(sandbox);
  return { writes: () => readWrites(sandbox, isProbe), lists: () => readLists(sandbox) };
}

function readWrites({ requests }: Sandbox, isProbe: (videoId: string) => boolean): string[] {
  return requests.flatMap(({ method, videoId, body }) => {
    if (videoId === undefined || (method !== 'DELETE' && method !== 'PATCH') || isProbe(videoId)) return [];
    return [`${method === 'PATCH' && isRestore(body) ? 'RESTORE' : method} ${videoId}`];
  });
}

function readLists({ requests }: Pick<Sandbox, 'requests'>): string[] {
  return requests.filter(isList).map(({ path, query }) => `${path}?${decodeURIComponent(String(query))}`);
}

function isList({ method, path, query }: SandboxRequest): boolean {
  const isOfProbe = [...query.values()].some((value) => PROBE_VIDEO.tags.some((tag) => tag === value));
  return method === 'GET' && /^(\/discarded)?\/videos$/.test(path) && !isOfProbe;
}

function isRestore(body: unknown): boolean {
  return (
    typeof body === 'object' &&
    body !== null &&
    (('discarded' in body && body.discarded === false) || ('removed' in body && body.removed === false))
  );
}

/**
 * The probe's videos have its title as long as they exist. Without Video Restore, a deletion ends them: then they are what the
 * test has not put there, if the log has the creation of one.
 */
function createIsProbe(sandbox: Sandbox): (videoId: string) => boolean {
  const given = new Set(sandbox.videos().map(({ videoId }) => videoId));
  const addVideos = sandbox.addVideos.bind(sandbox);
  sandbox.addVideos = (videos) => {
    for (const { videoId } of videos) given.add(videoId);
    addVideos(videos);
  };
  return (videoId) => {
    const kept = sandbox.videos().find((video) => video.videoId === videoId);
    if (kept) return kept.title === PROBE_VIDEO.title;
    return !given.has(videoId) && sandbox.requests.some(isCreationOfProbe);
  };
}

function isCreationOfProbe({ method, body }: SandboxRequest): boolean {
  return (
    method === 'POST' &&
    typeof body === 'object' &&
    body !== null &&
    'title' in body &&
    body.title === PROBE_VIDEO.title
  );
}
