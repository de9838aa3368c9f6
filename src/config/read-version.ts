// The version of this package, from its own file.
import { readFileSync } from 'node:fs';
import * as z from 'zod';

const packageFile = z.object({ version: z.string() });

/** The path is the same from src/ and from dist/. */
export function readVersion(): string {
  return packageFile.parse(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')))
    .version;
}
