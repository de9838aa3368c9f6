import type { Logger } from 'pino';
import type { Observer } from '../upstream/observer.ts';
import type { ClientRequest } from './current-request.ts';
import type { LogOnce } from './log-once.ts';
import type { OperationObserver } from './observe-operations.ts';

/** Logs one line per operation: its name, duration and outcome. No variables, no document, no credentials. */
export function logOperations(logger: Logger): OperationObserver {
  // The fields are chosen one by one and contain no secrets, and redaction would take longer than the rest of the line.
  const lines = logger.child({}, { redact: [] });
  return {
    end({ name, type }, { durationMs, status, errors, events }, request) {
      const line = {
        requestId: request.id,
        traceId: request.traceId,
        caller: request.caller,
        address: request.address,
        operation: name,
        type,
        status,
        durationMs: Math.round(durationMs * 10) / 10,
        ...(events !== undefined && { events }),
        upstreamCalls: request.upstreamCalls,
        ...toWaited(request),
        ...(request.outcomes.size > 0 && { outcomes: Object.fromEntries(request.outcomes) }),
        ...(Object.keys(errors).length > 0 && { errors }),
      };
      lines.info(line, `${type} ${name ?? '(unnamed)'}: ${status}`);
    },
  };
}

function toWaited({ waits }: ClientRequest) {
  const waitedMs = waits.read();
  return Object.keys(waitedMs).length > 0 && { waitedMs };
}

/** Logs two lines per outage of upstream: when the gateway notices it, with the reason of the latest failure, and when it is over. */
export function logOutage(logger: Logger, isOpen: boolean, reason: string | undefined): void {
  if (isOpen)
    logger.warn(
      { reason },
      'api.video fails every request, so the gateway refuses callers until a read succeeds',
    );
  else logger.info('api.video answers again');
}

/** Logs each reason why requests do not reach upstream, because deletions and restores report only that they were not sent. */
export function logUnsent(warnOnce: LogOnce): Observer {
  return {
    begin: () => ({
      end(end, failure) {
        if (end === 'unsent' && failure !== undefined) logNotReached(warnOnce, failure);
      },
    }),
  };
}

/** Logs a reason why a request did not reach upstream, once an hour. */
export function logNotReached(warnOnce: LogOnce, reason: string): void {
  warnOnce(reason, 'A request did not reach api.video', { reason });
}
