// Who had which video deleted or restored, and what became of it: a line for each, at any LOG_LEVEL but `silent`, written
// when the outcome is known and whether or not the client is still there to hear of it.
import type { Logger } from 'pino';
import { currentRequest } from './current-request.ts';
import type { DeleteOutcome, RestoreOutcome } from './removal/outcomes.ts';

export type Act = 'delete' | 'restore';
export type Audit = (act: Act, videoId: string, outcome: DeleteOutcome | RestoreOutcome) => void;

/** @param onOutcome - told of each outcome by its name, besides the lines. */
export function createAudit(logger: Logger, onOutcome: (act: Act, name: string) => void = () => {}): Audit {
  const lines = logger.child({ audit: true }, { level: logger.level === 'silent' ? 'silent' : 'info' });
  return (act, videoId, outcome) => {
    const name = toName(outcome);
    const request = currentRequest();
    request?.outcomes.set(name, (request.outcomes.get(name) ?? 0) + 1);
    onOutcome(act, name);
    // That text can be no id and was never sent: it may be anything, of any length.
    if (name === 'INVALID_ID') return;
    const line = { requestId: request?.id, caller: request?.caller, act, videoId, outcome: name };
    lines.info(line, `${act} ${videoId}: ${name}`);
  };
}

function toName(outcome: DeleteOutcome | RestoreOutcome): string {
  switch (outcome.kind) {
    case 'removed':
      return outcome.alreadyRemoved ? 'alreadyRemoved' : 'removed';
    case 'restored':
      return outcome.alreadyLive ? 'alreadyLive' : 'restored';
    case 'destroyed':
      return 'destroyed';
    case 'failed':
      return outcome.code;
  }
}
