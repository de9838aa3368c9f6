// The projects that are being worked on, by their keys: whoever works on one shares all that is kept for it, and nobody
// else sees any of it.
import { LRUCache } from 'lru-cache';
import type { Project } from './create-project.ts';

/**
 * A project that nobody has entered for so long is let go. No request lasts longer (100 mutations, each a minute of sending
 * and four of settling at the most), so that there is never a second one of the same project beside it, with locks and a
 * budget of its own.
 */
const IDLE_MS = 9 * 3_600_000;
/** As lru-cache has it. */
const FOREVER = 0;

export class Projects {
  readonly #create: () => Project;
  readonly #entered: LRUCache<string, Project>;
  #isDraining = false;
  readonly #ending = new AbortController();

  constructor(create: () => Project) {
    this.#create = create;
    this.#entered = new LRUCache({
      ttl: IDLE_MS,
      ttlAutopurge: true,
      updateAgeOnGet: true,
      dispose: (project) => void project.close(),
    });
  }

  /** The project of this key, kept while it is used. */
  enter(key: string): Project {
    return this.#entered.get(key) ?? this.#begin(key, IDLE_MS);
  }

  /** The project of the gateway's own API key, kept until the gateway is closed. */
  enterOwn(): Project {
    return this.#begin('own', FOREVER);
  }

  /** Every project writes nothing new, also one that is entered later. */
  drain(): void {
    this.#isDraining = true;
    for (const project of this) project.drain();
  }

  /** Every project gives up what is not settled, also one that is entered later. */
  end(): void {
    this.#ending.abort();
    for (const project of this) project.end();
  }

  /** Aborted at the end, for whoever waits before their project is known. */
  get ending(): AbortSignal {
    return this.#ending.signal;
  }

  async close(): Promise<void> {
    await Promise.all([...this].map((project) => project.close()));
  }

  /** Those of now, for what concerns all of them. */
  [Symbol.iterator](): Iterator<Project> {
    return this.#entered.values();
  }

  #begin(key: string, ttl: number): Project {
    const project = this.#create();
    this.#entered.set(key, project, { ttl });
    if (this.#isDraining) project.drain();
    if (this.ending.aborted) project.end();
    return project;
  }
}
