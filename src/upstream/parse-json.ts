// Reads the body of an answer as JSON. It checks no shape.

/** The parsed body; undefined if it is not JSON. Some proxies that rewrite bodies put a byte order mark before them. */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8').replace(/^\ufeff/, ''));
  } catch {
    return undefined;
  }
}
