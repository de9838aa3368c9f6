import type { Logger } from 'pino';
import type { OperationWatcher } from './operations.ts';

/** One line an operation: what was asked, how long it took, what came of it. No variables, no document, no credentials. */
export function logOperations(logger: Logger): OperationWatcher {
  return {
    end({ request, name, type }, { durationMs, status, errors }) {
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
      logger.info(line, `${type} ${name ?? '(without a name)'}: ${status}`);
    },
  };
}
