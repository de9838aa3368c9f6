import type { Logger } from 'pino';

/** Logs a warning unless one with this key was logged in the last hour. @param details - fields of its line. */
export type LogOnce = (key: string, message: string, details?: Readonly<Record<string, unknown>>) => void;

/** Others choose the keys, such as names of hosts: more of them than this are not logged in an hour. */
const MAX_KEYS = 100;

const FORGOTTEN_AFTER_MS = 3_600_000;

/** Warns of each key once an hour, so that nobody can fill the log with what is always the same. */
export function createLogOnce(logger: Logger): LogOnce {
  const known = new Set<string>();
  let since = performance.now();
  return (key, message, details = {}) => {
    if (performance.now() - since >= FORGOTTEN_AFTER_MS) {
      known.clear();
      since = performance.now();
    }
    if (known.size > MAX_KEYS || known.has(key)) return;
    known.add(key);
    const more = known.size > MAX_KEYS ? '; for an hour, others like this are not logged' : '';
    logger.warn(details, `${message}${more}`);
  };
}
