import type { Logger } from 'pino';
import type { Observer } from '../upstream/observer.ts';
import type { OperationObserver } from './observe-operations.ts';

/** One line an operation: what was asked, how long it took, what came of it. No variables, no document, no credentials. */
export function logOperations(logger: Logger): OperationObserver {
  // What is written here was chosen field by field: there is nothing to hide, and looking for it would take longer than writing.
  const lines = logger.child({}, { redact: [] });
  return {
    end({ name, type }, { durationMs, status, errors }, request) {
      const line = {
        requestId: request.id,
        caller: request.caller,
        operation: name,
        type,
        status,
        durationMs: Math.round(durationMs * 10) / 10,
        upstreamCalls: request.upstreamCalls,
        ...(request.outcomes.size > 0 && { outcomes: Object.fromEntries(request.outcomes) }),
        ...(Object.keys(errors).length > 0 && { errors }),
      };
      lines.info(line, `${type} ${name ?? '(unnamed)'}: ${status}`);
    },
  };
}

/** Two lines an outage of upstream: when it is noticed, and when it is over. */
export function logOutages(logger: Logger): Observer {
  return {
    begin: () => ({}),
    circuit(isOpen) {
      if (isOpen)
        logger.warn('api.video fails every request, so the gateway refuses callers until a probe succeeds');
      else logger.info('api.video answers again');
    },
  };
}
