// Runs the sandbox from the command line, with demo videos. No other file in this folder touches the process.
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { demoVideos } from './demo-videos.ts';
import { createSandbox, type Sandbox, type SandboxOptions } from './server.ts';

const USAGE = `An in-memory sandbox that imitates api.video.

  --port N                       default 4010; 0 for any free port
  --host ADDRESS                 default 127.0.0.1
  --dialect discarded|removed    today's API, or the one of August 2024; default discarded
  --video-restore on|off         whether to keep deleted videos for 90 days; default on
  --api-key KEY                  default sandbox-key
  --latency MS                   delay before every answer; default 0
  --reads N, --writes N          rate limits per minute; default 500 and 200
  --empty                        start without demo videos
`;

/** A wrong option. Its message is for the user. */
class UsageError extends Error {}

type Settings =
  | { readonly wantsHelp: true }
  | { readonly wantsHelp: false; readonly options: SandboxOptions };

function readSettings(args: string[]): Settings {
  const values = parse(args);
  if (values.help) return { wantsHelp: true };
  const apiKey = values['api-key'];
  if (apiKey === '') throw new UsageError('--api-key expects a key, not an empty string');
  const options: SandboxOptions = {
    port: readNumber('--port', values.port, 65_535),
    host: values.host,
    dialect: readChoice('--dialect', values.dialect, ['discarded', 'removed']),
    videoRestore: readChoice('--video-restore', values['video-restore'], ['on', 'off']) === 'on',
    apiKey,
    latencyMs: readNumber('--latency', values.latency, 3_600_000),
    limits: {
      reads: readNumber('--reads', values.reads, 1_000_000_000),
      writes: readNumber('--writes', values.writes, 1_000_000_000),
    },
    videos: values.empty ? [] : demoVideos(),
  };
  return { wantsHelp: false, options };
}

function parse(args: string[]) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        port: { type: 'string', default: '4010' },
        host: { type: 'string', default: '127.0.0.1' },
        dialect: { type: 'string', default: 'discarded' },
        'video-restore': { type: 'string', default: 'on' },
        'api-key': { type: 'string', default: 'sandbox-key' },
        latency: { type: 'string', default: '0' },
        reads: { type: 'string', default: '500' },
        writes: { type: 'string', default: '200' },
        empty: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    return values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function readNumber(name: string, text: string, most: number): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= most))
    throw new UsageError(`${name} expects a whole number from 0 to ${most}, not "${text}"`);
  return value;
}

function readChoice<T extends string>(name: string, text: string, choices: readonly T[]): T {
  const choice = choices.find((each) => each === text);
  if (choice === undefined) throw new UsageError(`${name} expects ${choices.join(' or ')}, not "${text}"`);
  return choice;
}

function describe({ url, apiKey }: Sandbox, dialect: string | undefined): string {
  return [
    `The api.video sandbox listens on ${url} (dialect: ${dialect}).`,
    `API key: ${apiKey}`,
    `Try: curl --user '${apiKey}:' '${url}/videos?pageSize=2'`,
    '',
  ].join('\n');
}

async function main(): Promise<void> {
  const settings = readSettings(process.argv.slice(2));
  if (settings.wantsHelp) {
    process.stdout.write(USAGE);
    return;
  }
  const sandbox = await createSandbox(settings.options);
  process.stdout.write(describe(sandbox, settings.options.dialect));
  await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  await sandbox.close();
}

try {
  await main();
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`sandbox: ${message.split('\n', 1)[0]}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
