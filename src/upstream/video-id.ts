// What can be an id of api.video. An allow-list, checked before any path is built: `encodeURIComponent` lets `..`
// through, and `DELETE /videos/..` is `DELETE /`.

/** Whether a text is 1 to 64 letters and digits. */
export function isVideoId(text: string): boolean {
  return /^[A-Za-z0-9]{1,64}$/.test(text);
}

/** Keeps a fault in the layers above from becoming a request. */
export function assertVideoId(text: string): void {
  if (!isVideoId(text))
    throw new TypeError('expected a video id of 1 to 64 letters and digits, and got something else');
}
