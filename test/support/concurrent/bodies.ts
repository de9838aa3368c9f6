// The bodies of upstream's answers.
import type { History } from './history.ts';
import type { Life } from './lives.ts';
import type { Moment } from './records.ts';
import { VirtualTime } from './virtual-time.ts';

export const NO_BODY = Buffer.alloc(0);
export const GARBLED = Buffer.from('<html>');
export const MISSING = toProblem('resource-not-found');
export const UNKNOWN_PATH = toProblem('unrecognized-request-url');

function toProblem(type: string): Buffer {
  return Buffer.from(JSON.stringify({ type: `https://docs.api.video/reference/${type}` }));
}

export class Bodies {
  readonly #history: History;

  constructor(history: History) {
    this.#history = history;
  }

  /** The Date header, by upstream's own clock. */
  toDate(time: number): string {
    return new Date(this.#toUpstreamTime(time)).toUTCString();
  }

  toVideo(life: Life, moment: Moment): Buffer {
    return Buffer.from(JSON.stringify(this.#show(life, moment)));
  }

  toPage(shown: readonly { life: Life; moment: Moment }[], page: number, size: number): Buffer {
    const data = shown
      .slice((page - 1) * size, page * size)
      .map(({ life, moment }) => this.#show(life, moment));
    return Buffer.from(JSON.stringify({ data, pagination: { itemsTotal: shown.length } }));
  }

  #show({ id, title, tags }: Life, { state, removedAt }: Moment): Record<string, unknown> {
    const isRemoved = state === 'removed';
    const at =
      removedAt === undefined
        ? null
        : `${new Date(this.#toUpstreamTime(removedAt)).toISOString().slice(0, 19)}+00:00`;
    return this.#history.dialect === 'discarded'
      ? { videoId: id, title, tags, discarded: isRemoved, discardedAt: at }
      : { videoId: id, title, tags, removed: isRemoved, removedAt: at };
  }

  #toUpstreamTime(time: number): number {
    return Math.floor((VirtualTime.EPOCH + time + this.#history.skewMs) / 1000) * 1000;
  }
}
