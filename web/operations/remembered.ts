// The operations that this tab shows, so that a reload shows them too: also those that end while the page is loaded again.
const KEY = 'video-gateway.operations';
const MOST = 50;

export type Remembered = { readonly id: string; readonly isEnded: boolean };

export function readRemembered(): readonly Remembered[] {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? '[]');
    return Array.isArray(stored) ? stored.filter(isRemembered).slice(0, MOST) : [];
  } catch {
    // The browser may keep nothing for this page.
    return [];
  }
}

export function remember(shown: readonly Remembered[]): void {
  try {
    if (shown.length > 0) sessionStorage.setItem(KEY, JSON.stringify(shown.slice(0, MOST)));
    else sessionStorage.removeItem(KEY);
  } catch {
    // Then a reload shows only what still goes on.
  }
}

export function forget(): void {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // There is nothing then.
  }
}

function isRemembered(value: unknown): value is Remembered {
  return (
    typeof value === 'object' &&
    value !== null &&
    'id' in value &&
    typeof value.id === 'string' &&
    'isEnded' in value
  );
}
