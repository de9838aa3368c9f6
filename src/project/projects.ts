// The projects that are being worked on, by their keys: whoever works on one shares all that is kept for it, and nobody
// else sees any of it.
import type { Project } from './create-project.ts';

/**
 * A project that nobody has entered for so long is let go. No request lasts longer (100 mutations, each a minute of sending
 * and four of settling at the most), so that there is never a second one of the same project beside it, with locks and a
 * budget of its own.
 */
const IDLE_MS = 9 * 3_600_000;

export class Projects {
  readonly #create: () => Project;
  /** The one that was entered last at the end. */
  readonly #entries = new Map<string, { readonly project: Project; readonly enteredAt: number }>();
  #isDraining = false;
  readonly #ending = new AbortController();

  constructor(create: () => Project) {
    this.#create = create;
  }

  /** The project of this key, kept while it is used. */
  enter(key: string): Project {
    const now = performance.now();
    const project = this.#entries.get(key)?.project ?? this.#begin();
    this.#entries.delete(key);
    this.#entries.set(key, { project, enteredAt: now });
    for (const [oldest, entry] of this.#entries) {
      if (entry.enteredAt > now - IDLE_MS) break;
      this.#entries.delete(oldest);
      void entry.project.close();
    }
    return project;
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
    await Promise.all([...this.#entries.values()].map(({ project }) => project.close()));
  }

  /** Those of now, for what is told of all of them. */
  *[Symbol.iterator](): Iterator<Project> {
    for (const { project } of this.#entries.values()) yield project;
  }

  #begin(): Project {
    const project = this.#create();
    if (this.#isDraining) project.drain();
    if (this.ending.aborted) project.end();
    return project;
  }
}
