// The places of the requests in progress, and the memory that their clients fill by keeping the gateway waiting. It decides
// who must go if either runs out. It knows nothing of HTTP, and never ends a request that the gateway itself works on.

/** The place of one request. */
export type Place = {
  /**
   * The client keeps the gateway waiting from now on: it has not sent its whole body, or not taken its whole answer. Each
   * further call reports progress, and begins a new wait.
   *
   * @param bytes - what the gateway keeps in memory for it.
   * @param close - ends the request. Called once its place has been given away.
   */
  wait(bytes: number, close: () => void): void;
  /** The client does not keep the gateway waiting any more. */
  proceed(): void;
  /** Gives the place back. */
  leave(): void;
};

type Wait = { readonly bytes: number; readonly close: () => void };

/** The waits of one client, the longest first. */
type Waits = { bytes: number; readonly byPlace: Map<Place, Wait> };

/**
 * A request takes a place until its answer has been sent. If none is free, a client that keeps the gateway waiting loses
 * one: of the clients with the most waiting requests, the one that has waited longest. So no client can hold all places by
 * sending or reading slowly, and a good one is not refused beside bad ones.
 */
export class Places {
  readonly #limit: number;
  readonly #maxWaitingBytes: number;
  readonly #taken = new Set<Place>();
  readonly #clients = new Map<string, Waits>();
  #waitingBytes = 0;

  /** @param maxWaitingBytes - how much memory all waiting requests may fill together. */
  constructor(limit: number, maxWaitingBytes: number) {
    this.#limit = limit;
    this.#maxWaitingBytes = maxWaitingBytes;
  }

  /** @returns undefined if all places are taken by requests that the gateway works on. */
  take(client: string): Place | undefined {
    if (this.#taken.size >= this.#limit) this.#closeOne(({ byPlace }) => byPlace.size);
    if (this.#taken.size >= this.#limit) return undefined;
    const place: Place = {
      wait: (bytes, close) => this.#wait(client, place, { bytes, close }),
      proceed: () => this.#proceed(client, place),
      leave: () => {
        this.#proceed(client, place);
        this.#taken.delete(place);
      },
    };
    this.#taken.add(place);
    return place;
  }

  #wait(client: string, place: Place, wait: Wait): void {
    if (!this.#taken.has(place)) return;
    this.#proceed(client, place);
    // Before this one waits: it has just made progress, so the others go first, whatever its size.
    while (this.#waitingBytes > 0 && this.#waitingBytes + wait.bytes > this.#maxWaitingBytes) {
      this.#closeOne(({ bytes }) => bytes);
    }
    const waits = this.#clients.get(client) ?? { bytes: 0, byPlace: new Map() };
    this.#clients.set(client, waits);
    waits.byPlace.set(place, wait);
    waits.bytes += wait.bytes;
    this.#waitingBytes += wait.bytes;
  }

  #proceed(client: string, place: Place): void {
    const waits = this.#clients.get(client);
    const wait = waits?.byPlace.get(place);
    if (!waits || !wait) return;
    waits.byPlace.delete(place);
    waits.bytes -= wait.bytes;
    this.#waitingBytes -= wait.bytes;
    if (waits.byPlace.size === 0) this.#clients.delete(client);
  }

  /** Closes the longest wait of the client that weighs most, if any client waits. */
  #closeOne(weigh: (waits: Waits) => number): void {
    let heaviest: Waits | undefined;
    for (const each of this.#clients.values()) {
      if (!heaviest || weigh(each) > weigh(heaviest)) heaviest = each;
    }
    for (const [place, { close }] of heaviest?.byPlace ?? []) {
      place.leave();
      close();
      return;
    }
  }
}
