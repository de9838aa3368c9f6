// The program: reads the command line and runs its command. If the gateway fails before it listens, it prints one message
// and exits with code 1. It loads only the code of its command: serving and checking share little.
import { enableCompileCache, flushCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import { print } from './telemetry/log-output.ts';

// Loads the code that Node.js compiled last time, which saves a third of the start time and the memory. If the folder
// is not writable, nothing else changes. It is not the machine's temporary folder, because others could write to that.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/compile', import.meta.url)));

// Libraries run slower checks unless this is set: graphql-js checks each value that it completes.
process.env.NODE_ENV ??= 'production';

try {
  const { readCommandLine } = await import('./server/command-line.ts');
  const command = readCommandLine(process.argv.slice(2));
  if (command.kind === 'print') await print(1, command.text);
  else if (command.kind === 'check') {
    const { check } = await import('./server/check.ts');
    process.exitCode = await check(command);
  } else {
    const { serve } = await import('./server/serve.ts');
    process.exitCode = await serve({ sandbox: command.sandbox, onListening: flushCompileCache });
  }
} catch (error) {
  await print(2, `${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
// Otherwise a warning of Node.js that nobody reads on standard error, or an export of traces, would keep it alive.
process.exit();
