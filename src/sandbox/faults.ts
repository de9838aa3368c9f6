// Plays the faults: answers a request as a failing upstream, network or proxy would. The effect of a request and what
// its client sees are separate here, because clients have to survive that gap.
import type { ServerResponse } from 'node:http';
import { pause } from './delay.ts';
import type { Fault, SandboxRequest } from './types.ts';
import {
  replaceHeaders,
  sendDripping,
  sendGzipBomb,
  sendHalf,
  sendWhole,
  type WireAnswer,
  withBody,
} from './wire.ts';

export type Exchange = {
  readonly request: SandboxRequest;
  readonly response: ServerResponse;
  /** Computes the usual answer and, if `takesEffect`, makes the change. */
  readonly act: (takesEffect: boolean) => WireAnswer;
  /** The Date header for the current time. */
  readonly date: () => string;
};

export async function answerWithFault(fault: Fault | undefined, exchange: Exchange): Promise<void> {
  const { request, response, act, date } = exchange;
  // Logs the status before the first byte leaves, so that a client with an answer finds its status in the log.
  const reported = (wire: WireAnswer): WireAnswer => {
    request.status = wire.status;
    return wire;
  };
  switch (fault?.kind) {
    case undefined:
      return sendWhole(response, reported(act(true)));
    case 'delay':
      await pause(fault.ms);
      return sendWhole(response, reported(act(true)));
    case 'headers': {
      const wire = act(true);
      response.sendDate = false;
      return sendWhole(response, reported({ ...wire, headers: replaceHeaders(wire.headers, fault.headers) }));
    }
    case 'drip':
      return await sendDripping(response, reported(act(true)), fault.everyMs);
    case 'truncate':
      return sendHalf(response, reported(act(fault.acts ?? true)));
    case 'answer':
      if (fault.acts) act(true);
      return sendWhole(response, reported(toForeignAnswer(fault, date())));
    case 'reset':
      if (fault.acts) act(true);
      response.socket?.resetAndDestroy();
      return;
    case 'hang':
      if (!fault.acts) return;
      await pause(fault.actsAfterMs ?? 0);
      act(true);
      return;
    case 'gzip-bomb':
      request.status = 200;
      return await sendGzipBomb(response, date(), fault.megabytes);
  }
}

function toForeignAnswer(
  { status, headers = {}, body }: Extract<Fault, { kind: 'answer' }>,
  date: string,
): WireAnswer {
  const dated = replaceHeaders({ Date: date }, headers);
  if (body === undefined) return { status, headers: dated, body: Buffer.alloc(0) };
  return withBody(status, dated, Buffer.from(body));
}
