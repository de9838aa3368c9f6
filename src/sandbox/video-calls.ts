// The calls to videos, one function each. They only read; the answer's `commit` makes their change.
import { createVideo } from './create-video.ts';
import { listVideos } from './list-videos.ts';
import {
  type Answer,
  type Complaint,
  invalidAttribute,
  invalidQuery,
  malformedBody,
  notFound,
  refuse,
} from './problems.ts';
import { renderVideo } from './render-video.ts';
import type { ProjectState } from './sandbox-project.ts';
import type { Dialect, SandboxVideo, SecondDelete } from './types.ts';
import { readCreation, readUpdate } from './video-payloads.ts';

/** Behaviour of upstream that is configurable or unknown. */
export type Manners = {
  readonly dialect: Dialect;
  readonly secondDelete: SecondDelete;
  readonly restoreAnswer: 'fresh' | 'stale';
  readonly now: () => number;
};

export type Call = {
  readonly project: ProjectState;
  readonly videoId: string;
  readonly query: URLSearchParams;
  /** The parsed JSON, or undefined if there is none. */
  readonly body: unknown;
  readonly manners: Manners;
  /** The sandbox's own origin, and the path of the call there. */
  readonly origin: string;
  readonly path: string;
};

/** GET /videos */
export function listLive(call: Call): Answer {
  const { manners, query } = call;
  const removed = manners.dialect === 'removed' ? query.get('removed') : null;
  if (removed !== null && removed !== 'true') return refuse(invalidQuery('removed', 'Value must be true.'));
  const state = removed === null ? 'live' : 'removed';
  return list(state, call);
}

/** GET /discarded/videos */
export function listDiscarded(call: Call): Answer {
  return list('removed', call);
}

/** POST /videos */
export function postVideo(call: Call): Answer {
  const { project, body, manners } = call;
  const attributes = asObject(body);
  if (!attributes) return malformedBody();
  const payload = readCreation(attributes);
  if (!payload.ok) return refuse(...payload.complaints);
  const createdAt = new Date(manners.now()).toISOString();
  const nothing = { description: '', tags: [], metadata: [], language: null };
  const video = createVideo({ ...nothing, ...payload.fields, createdAt });
  return show(201, video, call, () => project.store.put(video));
}

/** GET /videos/{videoId} */
export function getVideo(call: Call): Answer {
  const { project, videoId, manners } = call;
  const video = project.store.see(videoId);
  if (!video || (manners.dialect === 'discarded' && video.removedAt !== null)) return notFound();
  return show(200, video, call);
}

/** GET /discarded/videos/{videoId} */
export function getDiscarded(call: Call): Answer {
  const { project, videoId } = call;
  const video = project.store.see(videoId);
  return video && video.removedAt !== null ? show(200, video, call) : notFound();
}

/** PATCH /videos/{videoId}; in the `removed` dialect, `removed: false` restores as well. */
export function patchVideo(call: Call): Answer {
  const { project, videoId, body, manners } = call;
  const video = project.store.get(videoId);
  if (!video || (manners.dialect === 'discarded' && video.removedAt !== null)) return notFound();
  const attributes = asObject(body);
  if (!attributes) return malformedBody();
  const restores = manners.dialect === 'removed' && Object.hasOwn(attributes, 'removed');
  if (restores && attributes.removed !== false) return refuse(mustBeFalse('removed'));
  const payload = readUpdate(attributes);
  if (!payload.ok) return refuse(...payload.complaints);

  const updatedAt = new Date(manners.now()).toISOString();
  const updated =
    Object.keys(payload.fields).length === 0 ? video : { ...video, ...payload.fields, updatedAt };
  if (!restores || video.removedAt === null)
    return show(200, updated, call, () => project.store.put(updated));
  return restore(updated, call);
}

/** PATCH /discarded/videos/{videoId} */
export function patchDiscarded(call: Call): Answer {
  const { project, videoId, body } = call;
  const video = project.store.get(videoId);
  if (!video || video.removedAt === null) return notFound();
  const attributes = asObject(body);
  if (!attributes) return malformedBody();
  return attributes.discarded === false ? restore(video, call) : refuse(mustBeFalse('discarded'));
}

/** DELETE /videos/{videoId} */
export function deleteVideo({ project, videoId, manners }: Call): Answer {
  const video = project.store.get(videoId);
  if (!video) return notFound();
  const destroy = { status: 204, commit: () => project.store.destroy(videoId) };
  if (video.removedAt === null) {
    return project.videoRestore ? { status: 204, commit: () => project.store.remove(videoId) } : destroy;
  }
  if (manners.secondDelete === 'not-found') return notFound();
  return manners.secondDelete === 'destroys' ? destroy : { status: 204 };
}

function list(state: 'live' | 'removed', { project, query, manners, origin, path }: Call): Answer {
  return listVideos({ store: project.store, state, query, dialect: manners.dialect, origin, path });
}

function restore(video: SandboxVideo, call: Call): Answer {
  const { project, manners } = call;
  const restored = { ...video, removedAt: null, deletesAt: null };
  const shown = manners.restoreAnswer === 'stale' ? video : restored;
  return show(200, shown, call, () => project.store.put(restored));
}

function show(status: number, video: SandboxVideo, { manners, origin }: Call, commit?: () => void): Answer {
  return { status, json: renderVideo(video, manners.dialect, origin), ...(commit ? { commit } : {}) };
}

function mustBeFalse(name: string): Complaint {
  return invalidAttribute(name, 'Value must be false.');
}

/** An absent body counts as an empty object; undefined for JSON of another kind. */
function asObject(body: unknown): Record<string, unknown> | undefined {
  if (body === undefined) return {};
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? { ...body } : undefined;
}
