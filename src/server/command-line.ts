// The command line: --sandbox, --version and --help. Everything else is configured in the environment.
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
PORT and HOST set the address to listen on, by default 4000 and 127.0.0.1.
docs/configuration.md lists all variables.
`;

const packageFile = z.object({ version: z.string() });

/**
 * @returns `answer`: a text to print instead of serving.
 * @throws {TypeError} for an unknown option.
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

/** The path is the same from src/ and from dist/. */
function readVersion(): string {
  return packageFile.parse(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')))
    .version;
}
