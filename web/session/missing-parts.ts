// Whether a part of the app could not be loaded when it was wanted: the network had gone, or a new version has replaced it.

let isMissing = false;
const listeners = new Set<() => void>();

/** For React. */
export const missingParts = {
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  get: () => isMissing,
};

export function noteMissingPart(): void {
  isMissing = true;
  for (const listener of listeners) listener();
}
