// Whether the gateway can be reached. The browser's own opinion is a hint only: a gateway on this machine needs no network.

const AGAIN_MS = 5_000;

let isCut = false;
let isWatching = false;
const listeners = new Set<() => void>();

export const isOffline = (): boolean => isCut;

/** For React. */
export function onConnection(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** A request has ended: with an answer, or without one. */
export function noteRequest(hasAnswer: boolean): void {
  const next = !hasAnswer && !navigator.onLine;
  if (next === isCut) return;
  isCut = next;
  for (const listener of listeners) listener();
}

/** Asks the gateway itself whether it can be reached. */
export async function checkConnection(): Promise<void> {
  await fetch(new URL('health', document.baseURI), { method: 'HEAD', cache: 'no-store' }).then(
    () => noteRequest(true),
    () => noteRequest(false),
  );
}

/** A network does not go all at once, nor does it always come back with an event. */
async function watch(): Promise<void> {
  if (isWatching) return;
  isWatching = true;
  while (!navigator.onLine) {
    await checkConnection();
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
  isWatching = false;
}

if (!navigator.onLine) void watch();
addEventListener('offline', () => void watch());
addEventListener('online', () => noteRequest(true));
