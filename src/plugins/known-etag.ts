// Which page a browser has already, so that an unchanged one is not sent again.

/** Whether a browser has this page, as If-None-Match says. How it was compressed makes no difference to that. */
export function isKnown(header: string | null, etag: string): boolean {
  const tags = header?.split(',').map((tag) => tag.trim().replace(/^W\//, '')) ?? [];
  return tags.includes(etag) || tags.includes('*');
}
