// The audit log: one line for each video of a call, with the caller and the outcome. The gateway writes it when the outcome
// is known, even if the client has disconnected, at any LOG_LEVEL but `silent`. Its writes to the probe video have lines
// too, so that an operator can find every change that it made upstream.
import type { Logger } from 'pino';
import type { DeleteOutcome, RestoreOutcome } from '../removal/outcomes.ts';
import type { ProbeWrite } from '../removal/probe.ts';
import { currentRequest } from './current-request.ts';

export type Act = 'delete' | 'restore';

export type Audit = {
  /** The outcome for a video that the request names. */
  readonly outcome: (act: Act, videoId: string, outcome: DeleteOutcome | RestoreOutcome) => void;
  /** A write to the probe video: the request caused it without asking for it, so it is no outcome of the operation. */
  readonly probeWrite: (write: ProbeWrite) => void;
};

/** @param onOutcome - called with the name of every outcome, including those without a line. */
export function createAudit(logger: Logger, onOutcome: (act: Act, name: string) => void = () => {}): Audit {
  const lines = logger.child(
    { audit: true },
    { level: logger.level === 'silent' ? 'silent' : 'info', redact: [] },
  );
  return {
    outcome(act, videoId, outcome) {
      const name = toName(outcome);
      const request = currentRequest();
      request?.outcomes.set(name, (request.outcomes.get(name) ?? 0) + 1);
      onOutcome(act, name);
      // The text cannot be an id and was never sent: it may be anything, of any length.
      if (name === 'INVALID_ID') return;
      const line = { requestId: request?.id, caller: request?.caller, act, videoId, outcome: name };
      lines.info(line, `${act} ${videoId}: ${name}`);
    },
    probeWrite({ act, videoId, outcome }) {
      const request = currentRequest();
      const line = { requestId: request?.id, caller: request?.caller, act, videoId, outcome, probe: true };
      lines.info(line, `probe: ${act} ${videoId ?? 'a video'}: ${outcome}`);
    },
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
