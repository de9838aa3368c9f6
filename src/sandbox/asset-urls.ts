// Where a live video's picture and player page are.

const ASSET_PATH = /^\/vod\/([^/?]+)(\/thumbnail\.svg)?(?:\?.*)?$/;

/** At the sandbox of this origin. */
export function toAssetUrls(videoId: string, origin: string): { player: string; thumbnail: string } {
  const player = `${origin}/vod/${videoId}`;
  return { player, thumbnail: `${player}/thumbnail.svg` };
}

export type AssetRequest = { readonly videoId: string; readonly kind: 'player' | 'thumbnail' };

/** @param target - the path as received, with its query. @returns undefined if the request is for something else. */
export function readAssetRequest(method: string, target: string): AssetRequest | undefined {
  if (method !== 'GET' && method !== 'HEAD') return undefined;
  const [, videoId, isThumbnail] = ASSET_PATH.exec(target) ?? [];
  return videoId === undefined
    ? undefined
    : { videoId, kind: isThumbnail === undefined ? 'player' : 'thumbnail' };
}
