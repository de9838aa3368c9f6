// api.video's two dialects of removal: `discarded` (today's API) and `removed` (the API of August 2024, and the guide).
// This file holds every difference between them, and the one read that detects which one upstream speaks.

import type { Credentials } from './credentials.ts';
import { toStatusError, UNKNOWN_PATH } from './read-answer.ts';
import { readVideoPage } from './shapes.ts';
import type { HttpAnswer } from './transport.ts';
import { UnauthorizedError } from './upstream-errors.ts';

/** The parts of a project in which upstream may show a video. */
export const PLACES = ['live', 'removed'] as const;

export type Place = (typeof PLACES)[number];

export type Dialect = {
  readonly name: 'discarded' | 'removed';
  /** The path that shows one video of a place; the same path for both if one read shows either. */
  readonly videoPath: Record<Place, (id: string) => string>;
  readonly listPath: Record<Place, string>;
  readonly listQuery: Record<Place, Readonly<Record<string, string>>>;
  readonly restore: (id: string) => {
    readonly path: string;
    readonly json: Readonly<Record<string, boolean>>;
  };
  /** Whether upstream refuses to restore a live video, so that a successful restore proves that it was removed. */
  readonly restoreProvesRemoved: boolean;
};

const DISCARDED: Dialect = {
  name: 'discarded',
  videoPath: { live: (id) => `/videos/${id}`, removed: (id) => `/discarded/videos/${id}` },
  listPath: { live: '/videos', removed: '/discarded/videos' },
  listQuery: { live: {}, removed: {} },
  restore: (id) => ({ path: `/discarded/videos/${id}`, json: { discarded: false } }),
  restoreProvesRemoved: true,
};

const REMOVED: Dialect = {
  name: 'removed',
  videoPath: { live: (id) => `/videos/${id}`, removed: (id) => `/videos/${id}` },
  listPath: { live: '/videos', removed: '/videos' },
  listQuery: { live: {}, removed: { removed: 'true' } },
  restore: (id) => ({ path: `/videos/${id}`, json: { removed: false } }),
  restoreProvesRemoved: false,
};

/**
 * Resolves with the dialect after one read at most; concurrent callers share it, and a failed read is not kept.
 *
 * @param signer - the credentials that `look` uses.
 */
export type DialectSource = (
  look: (path: string) => Promise<HttpAnswer>,
  signer: Credentials | undefined,
) => Promise<Dialect>;

/** @param setting - `auto` detects the dialect by one read when it is first needed. */
export function createDialectSource(setting: 'auto' | Dialect['name']): DialectSource {
  let known: { readonly dialect: Promise<Dialect>; readonly signer: Credentials | undefined } | undefined;
  if (setting !== 'auto')
    known = { dialect: Promise.resolve(setting === 'discarded' ? DISCARDED : REMOVED), signer: undefined };
  return async (look, signer) => {
    for (;;) {
      const joined = known;
      known ??= {
        signer,
        dialect: detect(look).catch((error: unknown) => {
          known = undefined;
          throw error;
        }),
      };
      try {
        return await known.dialect;
      } catch (error) {
        // The call that began the read has bad credentials; this call's own may be good, if they are others.
        if (!joined || joined.signer === signer || !(error instanceof UnauthorizedError)) throw error;
      }
    }
  };
}

async function detect(look: (path: string) => Promise<HttpAnswer>): Promise<Dialect> {
  const path = `${DISCARDED.listPath.removed}?currentPage=1&pageSize=1`;
  const answer = await look(path);
  if (answer.status === 200) {
    readVideoPage(answer.body);
    return DISCARDED;
  }
  const error = toStatusError(answer, `GET ${path}`);
  if (error.status === 404 && error.refusal?.type === UNKNOWN_PATH) return REMOVED;
  throw error;
}
