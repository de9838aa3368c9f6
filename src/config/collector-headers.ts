// Reads the headers for the collector: comma-separated `name=value`, percent-encoded. OpenTelemetry's own reading would keep
// quotes, and send nothing at all because of one name or value that HTTP does not allow.
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { cleanSetting } from './clean-setting.ts';

export type CollectorHeaders = Readonly<Record<string, string>>;

/** @returns undefined if any pair cannot be used. A value may contain more equals signs, as Base64 does. */
export function readCollectorHeaders(text: string): CollectorHeaders | undefined {
  const items = cleanSetting(text).split(',').map(cleanSetting);
  const pairs = items.filter((item) => item !== '').map(readPair);
  return pairs.every((pair) => pair !== undefined) ? Object.fromEntries(pairs) : undefined;
}

function readPair(item: string): [name: string, value: string] | undefined {
  const end = item.indexOf('=');
  try {
    const name = decodeURIComponent(item.slice(0, Math.max(0, end)).trim());
    const value = decodeURIComponent(item.slice(end + 1).trim());
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return value === '' ? undefined : [name, value];
  } catch {
    return undefined;
  }
}
