// Validates api.video ids against an allow-list, before any path is built. `encodeURIComponent` is not enough: it leaves
// `..` unchanged, and `DELETE /videos/..` is `DELETE /`.

/** Whether a text can be a video id: 1 to 64 letters and digits. */
export function isVideoId(text: string): boolean {
  return /^[A-Za-z0-9]{1,64}$/.test(text);
}

/** Keeps a bug in the layers above from becoming a request. */
export function assertVideoId(text: string): void {
  if (!isVideoId(text))
    throw new TypeError('expected a video id of 1 to 64 letters and digits, and got something else');
}
