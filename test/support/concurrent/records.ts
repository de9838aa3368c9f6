// What really happened: the states of videos, and each request that brought them about or showed them.
import type { State } from './history.ts';

/** Who sent a request: the gateway and the call, by their indices. */
export type Sender = { readonly gateway: number; readonly call: number };

/** A true state of a video, until the next moment. */
export type Moment = {
  readonly at: number;
  readonly state: State;
  readonly removedAt: number | undefined;
  readonly by: 'others' | Write;
};

export type WriteEnd =
  | 'pending'
  | 'done'
  | 'missing'
  | 'rejected'
  | 'failed'
  | 'lost'
  /** It never reached upstream, and its sender knows. */
  | 'unsent'
  /** 429 and 401: upstream did not look at what it asks for. */
  | 'limited'
  | 'unauthorized';

export type Write = Sender & {
  readonly act: 'delete' | 'restore' | 'create';
  readonly id: string;
  readonly sentAt: number;
  end: WriteEnd;
  /** When its sender knew the end. */
  endedAt: number;
  /** The state that it brought about, if any. */
  effect: Moment | undefined;
};

/** What a read showed of a video, once its answer has arrived. A list tells only of the videos that it shows. */
export type Read = Sender & {
  readonly id: string;
  readonly sentAt: number;
  /** The time whose state it showed. */
  readonly of: number;
  readonly showed: State | 'nothing';
  /** When its sender was shown that. */
  readonly answeredAt: number;
};

export function toAuthorization({ gateway, call }: Sender): string {
  return `Bearer gateway-${gateway} call-${call}`;
}

export function toSender(authorization: string | undefined): Sender {
  const [, gateway, call] = /^Bearer gateway-(\d+) call-(\d+)$/.exec(authorization ?? '') ?? [];
  if (gateway === undefined || call === undefined) throw new Error('a request without its call');
  return { gateway: Number(gateway), call: Number(call) };
}

/** Whether a write took effect only after its sender had given it up, or had been answered. */
export function isLate({ by, at }: Moment): boolean {
  return by !== 'others' && at > by.endedAt;
}
