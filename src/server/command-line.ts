// The command line: to serve, to check api.video, --version and --help. Everything else is configured in the environment.
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { MOST_READS, MOST_READS_WITH_WRITES, MOST_WRITES } from '../check/request-allowance.ts';
import { readVersion } from '../config/read-version.ts';

const USAGE = `Usage: apivideo-graphql [--sandbox]
       apivideo-graphql check [--write] [--json]

Serves api.video's deletion API as GraphQL: deleteVideos, restoreVideos, removedVideos.

  --sandbox   serve an embedded sandbox of api.video with demo videos, unless a key,
              a base URL or AUTH is configured
  --version   print the version
  --help      print this text; after check, more about the check

"check" asks api.video with your key, and prints whether it behaves as the gateway assumes.

  --write     also delete and restore the gateway's own probe video
  --json      print one JSON document instead of a table

Environment variables configure the gateway. APIVIDEO_API_KEY is the key of your project.
PORT and HOST set the address to listen on, by default 4000 and 127.0.0.1.
docs/configuration.md lists all variables.
`;

const CHECK_USAGE = `Usage: apivideo-graphql check [--write] [--json]

Asks api.video with APIVIDEO_API_KEY, and prints whether it behaves as the gateway assumes.
APIVIDEO_BASE_URL names another host, such as https://sandbox.api.video. The exit code is 0 if
everything is as assumed, and 1 if something differs or could not be checked.

Without --write it sends at most ${MOST_READS} reads. It waits for the rate limit, and leaves a tenth of it.

  --write     also delete and restore the gateway's own probe video, and no other video:
              at most ${MOST_WRITES} writes and ${MOST_READS_WITH_WRITES} reads, up to two minutes; the video stays removed
  --json      print one JSON document instead of a table
  --help      print this text
`;

export type Command =
  | { readonly kind: 'serve'; readonly sandbox: boolean }
  | { readonly kind: 'check'; readonly write: boolean; readonly json: boolean }
  /** A text to print, and no more. */
  | { readonly kind: 'print'; readonly text: string };

/** @throws {Error} with a message for the user, and the usage, for anything it does not know. */
export function readCommandLine(args: readonly string[]): Command {
  const [first, ...rest] = args;
  return first === 'check' ? readCheck(rest) : readServe(args);
}

function readServe(args: readonly string[]): Command {
  const options = { sandbox: FLAG, version: FLAG, help: FLAG } as const;
  const { sandbox, version, help } = parse(args, options, USAGE);
  if (help) return { kind: 'print', text: USAGE };
  return version ? { kind: 'print', text: `${readVersion()}\n` } : { kind: 'serve', sandbox };
}

function readCheck(args: readonly string[]): Command {
  const { write, json, help } = parse(args, { write: FLAG, json: FLAG, help: FLAG } as const, CHECK_USAGE);
  return help ? { kind: 'print', text: CHECK_USAGE } : { kind: 'check', write, json };
}

const FLAG = { type: 'boolean', default: false } as const;

function parse<Options extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: Options,
  usage: string,
) {
  try {
    return parseArgs({ args, options }).values;
  } catch (cause) {
    throw new Error(`${cause instanceof Error ? cause.message : cause}\n\n${usage}`, { cause });
  }
}
