// Validates api.video ids against an allow-list, before any path is built. `encodeURIComponent` is not enough: it leaves
// `..` unchanged, and `DELETE /videos/..` is `DELETE /`.

/** The most characters that an id can have. */
export const MAX_ID_LENGTH = 64;
const VIDEO_ID = new RegExp(`^[A-Za-z0-9]{1,${MAX_ID_LENGTH}}$`);

/** Whether a text can be a video id: 1 to 64 letters and digits. */
export function isVideoId(text: string): boolean {
  return VIDEO_ID.test(text);
}

/** Keeps a bug in the layers above from becoming a request. */
export function assertVideoId(text: string): void {
  if (!isVideoId(text))
    throw new TypeError('expected a video id of 1 to 64 letters and digits, and got something else');
}

/** A copy of an id. The id itself may be a part of a request's or an answer's whole text, which it would keep in memory. */
export function toOwnText(id: string): string {
  return Buffer.from(id).toString();
}
