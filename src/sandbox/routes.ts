// Finds the call for a path and a method. It matches paths as received, without normalising them, so that `..` or an
// encoded slash stays what it is: an odd id.
import type { Keyring } from './authenticate.ts';
import { exchangeApiKey, refreshTokens } from './authenticate.ts';
import type { Answer } from './problems.ts';
import type { Dialect, SandboxRequest } from './types.ts';
import {
  type Call,
  deleteVideo,
  getDiscarded,
  getVideo,
  listDiscarded,
  listLive,
  patchDiscarded,
  patchVideo,
  postVideo,
} from './video-calls.ts';

type Handler = (call: Call) => Answer;
type AuthHandler = (body: unknown, keyring: Keyring) => Answer;

/** The methods of one path. */
export type Methods<H> = ReadonlyMap<string, H>;

const AUTH: ReadonlyMap<string, Methods<AuthHandler>> = new Map([
  ['/auth/api-key', new Map([['POST', exchangeApiKey]])],
  ['/auth/refresh', new Map([['POST', refreshTokens]])],
]);

const VIDEOS: Methods<Handler> = new Map([
  ['GET', listLive],
  ['POST', postVideo],
]);

const VIDEO: Methods<Handler> = new Map([
  ['GET', getVideo],
  ['PATCH', patchVideo],
  ['DELETE', deleteVideo],
]);

const DISCARDED_VIDEOS: Methods<Handler> = new Map([['GET', listDiscarded]]);

const DISCARDED_VIDEO: Methods<Handler> = new Map([
  ['GET', getDiscarded],
  ['PATCH', patchDiscarded],
]);

const VIDEO_PATH = /^(\/discarded)?\/videos(?:\/([^/]+))?$/;

/** The methods of a path, or undefined for a path that the dialect does not know. */
export function findMethods(path: string, dialect: Dialect): Methods<Handler> | undefined {
  const match = VIDEO_PATH.exec(path);
  if (!match) return undefined;
  const [, discarded, videoId] = match;
  if (discarded === undefined) return videoId === undefined ? VIDEOS : VIDEO;
  if (dialect === 'removed') return undefined;
  return videoId === undefined ? DISCARDED_VIDEOS : DISCARDED_VIDEO;
}

export function findAuthMethods(path: string): Methods<AuthHandler> | undefined {
  return AUTH.get(path);
}

/** The fields of a log entry that path and method alone determine. */
export function classify(method: string, path: string): Pick<SandboxRequest, 'kind' | 'videoId'> {
  if (path.startsWith('/auth/')) return { kind: 'auth', videoId: undefined };
  const segment = VIDEO_PATH.exec(path)?.[2];
  const kind = method === 'GET' || method === 'HEAD' ? 'read' : 'write';
  return { kind, videoId: segment === undefined ? undefined : decode(segment) };
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
