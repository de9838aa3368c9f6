// The command line: one option to try it, and what the program says of itself. Everything else is in the environment.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import * as z from 'zod';

const USAGE = `Usage: apivideo-graphql [--sandbox]

Serves api.video's deletion API as GraphQL: deleteVideos, restoreVideos, removedVideos.

  --sandbox   serve an embedded sandbox of api.video with demo videos, unless a key,
              a base URL or AUTH is configured
  --version   print the version
  --help      print this text

Environment variables configure the gateway. APIVIDEO_API_KEY is the key of your project.
PORT and HOST set the address to listen on, by default 4000 and 127.0.0.1. The README
lists all variables.
`;

const packageFile = z.object({ version: z.string() });

/**
 * @returns `answer`: what to print instead of serving anything.
 * @throws {TypeError} for an option that there is not.
 */
export function readCommandLine(): { readonly sandbox: boolean; readonly answer: string | undefined } {
  const { values } = parseArgs({
    options: {
      sandbox: { type: 'boolean', default: false },
      version: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const answer = values.help ? USAGE : values.version ? `${readVersion()}\n` : undefined;
  return { sandbox: values.sandbox, answer };
}

/** Beside src/ and beside dist/ alike. */
function readVersion(): string {
  return packageFile.parse(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')))
    .version;
}
