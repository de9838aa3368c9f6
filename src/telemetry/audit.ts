// The audit log: one line for each video of a call, with who called, from where, in which project, and the outcome. The
// gateway writes it when it knows the outcome, even if the client has disconnected, at any LOG_LEVEL but `silent`. Its
// writes to the probe video have lines too, so that an operator can find every change that it made upstream.
import type { Logger } from 'pino';
import type { DeleteOutcome, RestoreOutcome } from '../removal/outcomes.ts';
import type { ProbeWrite } from '../removal/probe.ts';
import type { Credentials } from '../upstream/credentials.ts';
import type { Refusal } from '../upstream/refusal.ts';
import { type ClientRequest, currentRequest } from './current-request.ts';

export type Act = 'delete' | 'restore';

/** The durable operation that something was done for, and who has started it. */
export type AuditedOperation = { readonly id: string; readonly subject: string };

/** What the line of a call that starts or cancels it shows. */
export type StartedOperation = {
  readonly id: string;
  readonly kind: Act;
  readonly ifPermanent: string | null;
  readonly undoOf: string | null;
  readonly total: number;
};

export type Audit = {
  /**
   * The outcome for a video that the request names.
   *
   * @param operation - given if a durable operation names it, and no request.
   */
  readonly outcome: (
    act: Act,
    videoId: string,
    outcome: DeleteOutcome | RestoreOutcome,
    credentials: Credentials | undefined,
    operation?: AuditedOperation,
  ) => void;
  /** The request has started or cancelled a durable operation. */
  readonly operation: (
    step: 'started' | 'cancelled',
    operation: StartedOperation,
    credentials: Credentials | undefined,
  ) => void;
  /** A write to the probe video: the call caused it without asking for it, so it is no outcome of the call. */
  readonly probeWrite: (
    write: ProbeWrite,
    credentials: Credentials | undefined,
    operation?: AuditedOperation,
  ) => void;
};

/** @param onOutcome - called with the name of every outcome, including those without a line. */
export function createAudit(logger: Logger, onOutcome: (act: Act, name: string) => void = () => {}): Audit {
  const lines = logger.child(
    { audit: true },
    { level: logger.level === 'silent' ? 'silent' : 'info', redact: [] },
  );
  return {
    outcome(act, videoId, outcome, credentials, operation) {
      const name = toName(outcome);
      const request = operation ? undefined : currentRequest();
      request?.outcomes.set(name, (request.outcomes.get(name) ?? 0) + 1);
      onOutcome(act, name);
      // The text cannot be an id and was never sent: it may be anything, of any length.
      if (name === 'INVALID_ID') return;
      const origin = operation ? toOrigin(operation, credentials) : toRequestOrigin(request, credentials);
      const refusal = outcome.kind === 'failed' ? outcome.refusal : undefined;
      const reason = outcome.kind === 'failed' && outcome.reason ? { reason: outcome.reason } : {};
      const ends = { ...toDeadline(outcome), ...reason, ...toReason(refusal) };
      const line = { ...origin, act, videoId, outcome: name, ...ends };
      lines.info(line, `${act} ${videoId}: ${name}`);
    },
    operation(step, { id, kind, ifPermanent, undoOf, total }, credentials) {
      const details = {
        ...(ifPermanent !== null && { ifPermanent }),
        ...(undoOf !== null && { undoOf }),
      };
      const origin = toRequestOrigin(currentRequest(), credentials);
      const line = { ...origin, operationId: id, act: kind, step, total, ...details };
      lines.info(line, `operation ${id}, ${kind} of ${total}: ${step}`);
    },
    probeWrite({ act, videoId, outcome, refusal }, credentials, operation) {
      const origin = operation
        ? toOrigin(operation, credentials)
        : toRequestOrigin(currentRequest(), credentials);
      const line = { ...origin, act, videoId, outcome, probe: true, ...toReason(refusal) };
      lines.info(line, `probe: ${act} ${videoId ?? 'a video'}: ${outcome}`);
    },
  };
}

/** Who acted, from where, and in which project; only what is known, and nothing secret. */
function toRequestOrigin(request: ClientRequest | undefined, credentials: Credentials | undefined) {
  return {
    requestId: request?.id,
    traceId: request?.traceId,
    caller: request?.caller,
    address: request?.address,
    project: credentials?.projectId,
  };
}

/** The same of a durable operation, which may go on long after its request. */
function toOrigin({ id, subject }: AuditedOperation, credentials: Credentials | undefined) {
  return { operationId: id, caller: subject, project: credentials?.projectId };
}

/** Until when a removed video can be restored. */
function toDeadline(outcome: DeleteOutcome | RestoreOutcome): { deletesAt?: string } {
  const deletesAt = outcome.kind === 'removed' ? outcome.video.deletesAt : null;
  return deletesAt === null ? {} : { deletesAt };
}

/** With which status the latest write was refused or failed, and the type of api.video's problem document. */
function toReason(refusal: Refusal | undefined): { upstreamStatus?: number; problemType?: string } {
  if (!refusal) return {};
  const { status, type } = refusal;
  return { upstreamStatus: status, ...(type === undefined ? {} : { problemType: type }) };
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
