import type { Logger } from 'pino';

/** Logs a warning unless one with this key was logged before. */
export type LogOnce = (key: string, message: string) => void;

/** Strangers choose the keys, such as names of hosts: more of them than this stay unlogged. */
const MAX_KEYS = 100;

/** Warns of each kind of refused request once, so that strangers cannot fill the log. */
export function createLogOnce(logger: Logger): LogOnce {
  const known = new Set<string>();
  return (key, message) => {
    if (known.size >= MAX_KEYS || known.has(key)) return;
    known.add(key);
    logger.warn(message);
  };
}
