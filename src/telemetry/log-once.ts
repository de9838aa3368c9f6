import type { Logger } from 'pino';

/** Logs a warning unless one with this key was logged in the last hour. */
export type LogOnce = (key: string, message: string) => void;

/** Strangers choose the keys, such as names of hosts: more of them than this are not logged in an hour. */
const MAX_KEYS = 100;

const FORGOTTEN_AFTER_MS = 3_600_000;

/** Warns of each kind of refused request once an hour, so that strangers cannot fill the log. */
export function createLogOnce(logger: Logger): LogOnce {
  const known = new Set<string>();
  let since = performance.now();
  return (key, message) => {
    if (performance.now() - since >= FORGOTTEN_AFTER_MS) {
      known.clear();
      since = performance.now();
    }
    if (known.size > MAX_KEYS || known.has(key)) return;
    known.add(key);
    logger.warn(known.size > MAX_KEYS ? `${message}; for an hour, others like this are not logged` : message);
  };
}
