// Refusals as api.video itself writes them.

/** The body of a problem document. @param more - members beside type, title and status. */
export function toProblem(status: number, type = 'invalid-attribute', more: object = {}): string {
  const link = `https://docs.api.video/reference/${type}`;
  return JSON.stringify({ type: link, title: 'An attribute is invalid.', status, ...more });
}
