// The projects in use, by key. All callers of a project share what is kept for it, and no other caller sees any of it.
import { LRUCache } from 'lru-cache';
import type { Project } from './create-project.ts';

/**
 * A project that no request has entered for this long is closed. No request lasts longer: 100 mutations, each with at
 * most a minute of sending and four of verifying. So one project never exists twice, with separate locks and budgets.
 */
const IDLE_MS = 9 * 3_600_000;
/** lru-cache's value for no expiry. */
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

  /** The project with this key, kept while it is used. */
  enter(key: string): Project {
    return this.#entered.get(key) ?? this.#begin(key, IDLE_MS);
  }

  /** The project of the gateway's own API key, kept until the gateway is closed. */
  createOwn(): Project {
    return this.#begin('own', FOREVER);
  }

  /** Stops new writes in every project, including those entered later. */
  drain(): void {
    this.#isDraining = true;
    for (const project of this) project.drain();
  }

  /** Makes every project give up unverified writes, including those entered later. */
  end(): void {
    this.#ending.abort();
    for (const project of this) project.end();
  }

  /** Aborted by `end`, for callers that wait before their project is known. */
  get ending(): AbortSignal {
    return this.#ending.signal;
  }

  async close(): Promise<void> {
    await Promise.all([...this].map((project) => project.close()));
  }

  /** The current projects, for actions that concern all of them. */
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
