// Who had which video deleted and restored, and what became of it: a line for each, at any LOG_LEVEL but `silent`, written
// when the outcome is known and whether or not the client is still there to hear of it. The gateway's own writes, to its
// probe video, have lines as well, so that everything it has changed upstream can be found.
import type { Logger } from 'pino';
import type { DeleteOutcome, RestoreOutcome } from '../removal/outcomes.ts';
import type { ProbeWrite } from '../removal/probe.ts';
import { currentRequest } from './current-request.ts';

export type Act = 'delete' | 'restore';

export type Audit = {
  /** What became of a video that the request names. */
  readonly outcome: (act: Act, videoId: string, outcome: DeleteOutcome | RestoreOutcome) => void;
  /** A write of the probe, which the request has caused and did not ask for: it is no outcome of its operation. */
  readonly probeWrite: (write: ProbeWrite) => void;
};

/** @param onOutcome - told of each outcome by its name, besides the lines. */
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
      // That text can be no id and was never sent: it may be anything, of any length.
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
