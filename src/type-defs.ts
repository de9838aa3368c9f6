// The type definitions as the package ships them: every file of schema/.
import { readdirSync, readFileSync } from 'node:fs';

// Beside src/ and beside dist/ alike, so that the same line finds it from the sources and from the published package.
const folder = new URL('../schema/', import.meta.url);

/** The type definitions, in the alphabetical order of their files, which is the order GraphiQL shows. */
export function readTypeDefs(): string {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.graphql'))
    .sort()
    .map((name) => readFileSync(new URL(name, folder), 'utf8'))
    .join('\n');
}
