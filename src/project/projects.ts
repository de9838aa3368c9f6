// The projects in use, by key. All callers of a project share what is kept for it, and no other caller sees any of it. A
// project is forgotten only once nothing works on it any more, so one project never exists twice, with separate locks and
// budgets.
import { LRUCache } from 'lru-cache';
import { createStoppingError } from '../upstream/upstream-errors.ts';
import type { Project, ProjectOptions } from './create-project.ts';

/**
 * How long after its last request a project is kept. No observation of it counts for longer, but for the absences and
 * `#stopped`: proofs hold for ten minutes, and the rate limit, pages and the latest writes for less.
 */
const IDLE_MS = 10 * 60_000;
/**
 * The maximum of projects that nothing works on: some 45 megabytes. In the few seconds in which the latest writes count, far
 * fewer projects come than that.
 */
const MOST_IDLE = 3_000;
/** The maximum of projects that are kept because their deletions are stopped. */
const MOST_STOPPED = 1_000;

/** What a project reports to those that keep it. */
export type ProjectEvents = Required<Pick<ProjectOptions, 'onUse' | 'onStopped'>>;

export class Projects {
  readonly #create: (events: ProjectEvents) => Project;
  /** Those that something still refers to. */
  readonly #living = new Map<string, WeakRef<Project>>();
  readonly #gone = new FinalizationRegistry<string>((key) => {
    if (!this.#living.get(key)?.deref()) this.#living.delete(key);
  });
  /** By their parts: work that goes on with a part of a project keeps all of it, so that all others find the same one. */
  readonly #wholes = new WeakMap<object, Project>();
  /** Keeps those used lately. Its limit is no `max`, which would reserve the memory of all of them at once. */
  readonly #recent = new LRUCache<string, Project>({
    maxSize: MOST_IDLE,
    sizeCalculation: () => 1,
    ttl: IDLE_MS,
    ttlAutopurge: true,
    // The global one, so that tests can replace time.
    perf: { now: () => performance.now() },
  });
  /**
   * Keeps those whose latest deletion may have destroyed its video. If forgotten, VIDEO_RESTORE=on would let them destroy
   * another one.
   */
  readonly #stopped = new LRUCache<string, Project>({ maxSize: MOST_STOPPED, sizeCalculation: () => 1 });
  #own: Project | undefined;
  #isDraining = false;
  readonly #ending = new AbortController();

  constructor(create: (events: ProjectEvents) => Project) {
    this.#create = create;
  }

  /** The project with this key. */
  enter(key: string): Project {
    const project = this.#living.get(key)?.deref() ?? this.#begin(key);
    this.#recent.set(key, project);
    return project;
  }

  /** The project of the gateway's own API key, kept until the gateway is closed. */
  createOwn(): Project {
    this.#own = this.#begin('own');
    return this.#own;
  }

  /** Stops new writes in every project, including those entered later. */
  drain(): void {
    this.#isDraining = true;
    for (const project of this) project.drain();
  }

  /** Makes every project give up unverified writes, including those entered later. */
  end(): void {
    this.#ending.abort(createStoppingError());
    for (const project of this) project.end();
  }

  /** Aborted by `end`, for callers that wait before their project is known. */
  get ending(): AbortSignal {
    return this.#ending.signal;
  }

  /** The current projects, for actions that concern all of them. */
  *[Symbol.iterator](): Generator<Project> {
    for (const living of this.#living.values()) {
      const project = living.deref();
      if (project) yield project;
    }
  }

  #begin(key: string): Project {
    const project = this.#create({
      onUse: () => this.#recent.set(key, project),
      onStopped: (isStopped) => {
        if (isStopped) this.#stopped.set(key, project);
        else this.#stopped.delete(key);
      },
    });
    this.#living.set(key, new WeakRef(project));
    this.#gone.register(project, key);
    for (const part of Object.values(project)) if (typeof part === 'object') this.#wholes.set(part, project);
    if (this.#isDraining) project.drain();
    if (this.ending.aborted) project.end();
    return project;
  }
}
