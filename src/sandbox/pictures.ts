// The pictures and player pages of live videos, in place of api.video's CDN and player hosts. As there, they need no
// credentials and use no limits; they are not requests to the API, so they are not in the log and no fault concerns them.
import type { AssetRequest } from './asset-urls.ts';
import { drawThumbnail } from './draw-thumbnail.ts';
import { PLAYER_POLICY, renderPlayer } from './player-page.ts';
import type { SandboxVideo } from './types.ts';
import { type WireAnswer, withBody } from './wire.ts';

// Short, because a title may change and a video may be removed.
const ALIKE = {
  'Cache-Control': 'max-age=60',
  'Cross-Origin-Resource-Policy': 'cross-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/** @param video - as reads show it. */
export function answerPicture(video: SandboxVideo | undefined, kind: AssetRequest['kind']): WireAnswer {
  // Upstream's files go with a removal, too.
  if (!video || video.removedAt !== null)
    return answer(404, 'text/plain', "default-src 'none'", 'Not found\n');
  return kind === 'player'
    ? answer(200, 'text/html', PLAYER_POLICY, renderPlayer(video))
    : answer(200, 'image/svg+xml', "default-src 'none'", drawThumbnail(video));
}

function answer(status: number, type: string, policy: string, text: string): WireAnswer {
  const headers = {
    ...ALIKE,
    'Content-Type': `${type}; charset=utf-8`,
    'Content-Security-Policy': policy,
    ...(status === 404 ? { 'Cache-Control': 'no-store' } : {}),
  };
  return withBody(status, headers, Buffer.from(text));
}
