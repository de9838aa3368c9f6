// Logs what happens during a request: every line with the request's id, and each fault once.
import type { Logger } from 'pino';
import { isForClientsAlone } from '../errors.ts';
import { type ClientRequest, currentRequest } from './current-request.ts';

/** Faults logged per request: some messages name a video, so a large batch could log one for each. */
const MAX_FAULTS = 10;

/** The same logger, with the ids of the current request and its trace in every line. */
export function ofRequest(logger: Logger): Logger {
  const request = currentRequest();
  return request ? logger.child({ requestId: request.id, traceId: request.traceId }) : logger;
}

/** The same, with the address of the client too: for lines about requests that never become an operation. */
export function ofClient(logger: Logger): Logger {
  return ofRequest(logger).child({ address: currentRequest()?.address });
}

/**
 * Logs Yoga's errors with their causes, which clients never see. Errors that clients see whole go to `debug`. If every
 * video of a request fails, only the first error with each message is logged: the operation's line counts them all.
 */
export function toYogaLogger(logger: Logger) {
  const reported = new WeakMap<ClientRequest, Set<string>>();

  function isNews({ message }: Error): boolean {
    const request = currentRequest();
    if (!request) return true;
    const messages = reported.get(request) ?? new Set();
    reported.set(request, messages);
    if (messages.has(message) || messages.size >= MAX_FAULTS) return false;
    messages.add(message);
    return true;
  }

  const at =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (...args: unknown[]): void => {
      const [first] = args;
      if (first instanceof Error) {
        if (isNews(first))
          ofRequest(logger)[isForClientsAlone(first) ? 'debug' : level]({ err: first }, first.message);
      } else if (logger.isLevelEnabled(level)) {
        // Checks the level first: Yoga logs three such lines per request, and a child logger costs more than a line.
        ofRequest(logger)[level](args.map(String).join(' '));
      }
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
