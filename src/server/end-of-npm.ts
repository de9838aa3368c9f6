// Notices the end of the `npm start` that has started the process. npm ends on a signal, and passes it on to no more than its
// child. That is a shell in between, so the gateway would stay behind on its port. It looks at no other process.
import { readFileSync } from 'node:fs';

const CHECK_MS = 500;

/** Calls back once, after npm or its shell has ended. It keeps nothing alive. */
export function onEndOfNpm(env: NodeJS.ProcessEnv, callback: () => void): void {
  // Another script may start the gateway in the background, and is to end before it.
  if (env.npm_lifecycle_event !== 'start') return;
  const readAncestors = () => readNpm(env.npm_lifecycle_script);
  const first = readAncestors();
  const timer = setInterval(() => {
    if (readAncestors() === first) return;
    clearInterval(timer);
    callback();
  }, CHECK_MS).unref();
}

/**
 * npm, and its shell if there is one: bash runs the last command of a script in its own place. A process whose parent ends gets
 * another one. Only Linux shows the parent of another process.
 */
function readNpm(script: string | undefined): string {
  const { ppid } = process;
  try {
    const isShell = script !== undefined && readFileSync(`/proc/${ppid}/cmdline`, 'utf8').includes(script);
    if (!isShell) return String(ppid);
    // The name of the program, in brackets, may have blanks and brackets in it.
    const [, npm = ''] = /.*\) \S (\d+)/s.exec(readFileSync(`/proc/${ppid}/stat`, 'latin1')) ?? [];
    return `${ppid} ${npm}`;
  } catch {
    return String(ppid);
  }
}
