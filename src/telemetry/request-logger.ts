// What is logged while a request is worked on: with its id, and each fault once.
import type { Logger } from 'pino';
import { isForClientsAlone } from '../errors.ts';
import { type ClientRequest, currentRequest } from './current-request.ts';

/** Of one request in the log, each with another message: some name the video they are about. */
const MAX_FAULTS = 10;

/** The same logger, with the id of the request that is being worked on in every line. */
export function ofRequest(logger: Logger): Logger {
  const requestId = currentRequest()?.id;
  return requestId === undefined ? logger : logger.child({ requestId });
}

/**
 * Yoga's errors are faults with their causes, which clients never see; those that clients see whole are no news. Of a
 * request whose every video fails, the first of each message is told: the line of the operation counts them all.
 */
export function toYogaLogger(logger: Logger) {
  const told = new WeakMap<ClientRequest, Set<string>>();

  function isNews({ message }: Error): boolean {
    const request = currentRequest();
    if (!request) return true;
    const messages = told.get(request) ?? new Set();
    told.set(request, messages);
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
        // Yoga has three of these a request: asked before, since a logger of the request's own costs more than the line.
        ofRequest(logger)[level](args.map(String).join(' '));
      }
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
