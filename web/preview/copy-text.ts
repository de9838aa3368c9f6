// Copies to the clipboard, which browsers offer only to pages over https and on localhost.

/** @returns whether the browser has done it. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
