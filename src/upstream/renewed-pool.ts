// A pool of kept-alive connections to one host that follows DNS: a connection takes no new requests once its pool is old,
// so new requests soon go to the addresses that the host's name has now. It repeats nothing and loses nothing: a
// connection that is given up ends its requests first.
import { type Dispatcher, Pool } from 'undici';
import { createRoute, type Route, type RouteOptions } from './route.ts';

/**
 * How long a pool takes new requests. With a request of ten seconds that has just begun, no connection to an address that
 * the name no longer has is used after a minute. By the monotonic clock: undici's `clientTtl` follows the wall clock, and
 * does not look at it while requests queue for a connection.
 */
const RENEWED_AFTER_MS = 50_000;

export type PoolOptions = RouteOptions & {
  /** Maximum number of connections that take new requests. */
  readonly connections: number;
};

type PooledRequest = Dispatcher.DispatchOptions & { readonly headers: Record<string, string> };

export class RenewedPool {
  readonly #create: () => Pool;
  readonly #route: Route;
  #current: Pool;
  #openedAt = performance.now();
  /** Pools that take no new requests, but still have some. */
  readonly #closing = new Map<Pool, Promise<void>>();
  #isOver = false;

  constructor({ connections, ...way }: PoolOptions) {
    // All pools share it, because it remembers TLS sessions: a new connection needs no full handshake.
    this.#route = createRoute(way);
    const { origin, connect } = this.#route;
    this.#create = () =>
      new Pool(origin, {
        connections,
        connect,
        pipelining: 1,
        // One deadline covers the whole request; undici's two partial timeouts would only blur it.
        headersTimeout: 0,
        bodyTimeout: 0,
        keepAliveTimeout: 30_000,
        maxHeaderSize: 32 * 1024,
      });
    this.#current = this.#create();
  }

  dispatch(request: PooledRequest, handler: Dispatcher.DispatchHandler): void {
    if (!this.#isOver && performance.now() > this.#openedAt + RENEWED_AFTER_MS) this.#renew();
    this.#current.dispatch(this.#route.address(request), handler);
  }

  /** Closes once the requests in flight have ended. */
  async close(): Promise<void> {
    this.#isOver = true;
    const closing = [...this.#closing.values()];
    if (!this.#current.destroyed) closing.push(this.#current.close());
    await Promise.all(closing);
  }

  /** Closes at once: requests in flight lose their answers. */
  async abort(reason: Error): Promise<void> {
    this.#isOver = true;
    this.#route.abort(reason);
    await Promise.all([this.#current, ...this.#closing.keys()].map((pool) => pool.destroy(reason)));
  }

  #renew(): void {
    const old = this.#current;
    this.#current = this.#create();
    this.#openedAt = performance.now();
    const closed = old.close().finally(() => this.#closing.delete(old));
    this.#closing.set(old, closed);
  }
}
