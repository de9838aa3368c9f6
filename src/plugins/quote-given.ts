const MAX_LENGTH = 80;
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** A text of the request in quotes, for a message: short, and without characters that confuse a terminal. */
export function quoteGiven(text: string): string {
  const shown = text.slice(0, MAX_LENGTH).replaceAll(INVISIBLE, '?');
  return JSON.stringify(text.length > MAX_LENGTH ? `${shown}…` : shown);
}
