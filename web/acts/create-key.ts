/** A key that nobody else has. Not by `crypto.randomUUID`: pages that came over plain HTTP from another machine lack it. */
export function createKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
