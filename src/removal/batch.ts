// The ids of one batch of deletions or restores: which are written to first, which are looked for first, and in what order
// their turns come. Whatever can be acted on goes before what others still need; nobody waits for the end of a search.
import { FEW } from '../search/list-walks.ts';
import type { Look } from '../search/look.ts';
import { search } from '../search/search.ts';
import type { Place } from '../upstream/dialects.ts';
import { MOST_IN_PROGRESS } from '../upstream/for-each-of.ts';
import type { Callers } from './create-callers.ts';
import type { RemovalProject } from './removal-project.ts';

/** Not an outcome: upstream has no such video in the state that the write needs, or the write was taken back unsent. */
export const SEARCH_NEEDED = { kind: 'search-needed' } as const;
export type SearchNeeded = typeof SEARCH_NEEDED;

export type BatchOptions<Outcome> = {
  /** Where the videos are that it can act on. */
  readonly goal: Place;
  /** Whether to look for every video before anything is sent for it. */
  readonly looksFirst: boolean;
  readonly callers: Callers;
  /**
   * Acts on a video.
   *
   * @param look - what a search has shown of it; undefined if nothing is known. Only then may the result be
   *   `SEARCH_NEEDED`.
   */
  readonly act: (id: string, look: Look | undefined) => Promise<Outcome | SearchNeeded>;
  /** Called once for each id, as soon as its outcome is known. */
  readonly onOutcome: (id: string, outcome: Outcome) => void;
};

/**
 * Resolves once each id has its outcome.
 *
 * @throws the first error of `act` or `onOutcome`. The batch begins no act after it, and the outcomes of those in progress
 *   are reported before it is thrown.
 */
export async function runBatch<Outcome extends { readonly kind: string }>(
  project: RemovalProject,
  ids: readonly string[],
  options: BatchOptions<Outcome>,
): Promise<void> {
  await new Batch(project, ids, options).run();
}

class Batch<Outcome extends { readonly kind: string }> {
  readonly #project: RemovalProject;
  readonly #options: BatchOptions<Outcome>;
  /** The ids without an outcome. */
  readonly #open: Set<string>;
  /** Those that are written to before anything is known of their videos, whether or not it is their turn yet. */
  readonly #unsearched = new Set<string>();
  readonly #searching = new Set<string>();
  /** What a search has shown while the write was still under way. */
  readonly #early = new Map<string, Look>();
  /** Those whose turn it is, oldest first: those that a search has found, and those that no search is needed for yet. */
  readonly #found = new Map<string, Look>();
  readonly #ready = new Set<string>();
  readonly #inProgress = new Set<string>();
  readonly #ended = Promise.withResolvers<void>();
  #missing = 0;
  /** The first fault, whatever its value. */
  #fault: { readonly cause: unknown } | undefined;

  constructor(project: RemovalProject, ids: readonly string[], options: BatchOptions<Outcome>) {
    this.#project = project;
    this.#options = options;
    this.#open = new Set(ids);
  }

  async run(): Promise<void> {
    if (this.#open.size === 0) return;
    const { absences, misses, recentWrites } = this.#project;
    const { goal, looksFirst } = this.#options;
    const other = goal === 'live' ? 'removed' : 'live';
    const searched: string[] = [];
    const done: string[] = [];
    for (const id of this.#open) {
      // Where there is probably nothing to do, no write must be used up.
      if (recentWrites.latest(id)?.state === other) done.push(id);
      else if (looksFirst || absences.has(id) || misses.has(id)) searched.push(id);
      else this.#unsearched.add(id);
    }
    for (const id of this.#unsearched) this.#ready.add(id);
    this.#search(searched, goal);
    this.#search(done, other);
    this.#advance();
    await this.#ended.promise;
  }

  #advance(): void {
    if (this.#fault) {
      // Their outcomes belong in the audit of this call.
      if (this.#inProgress.size === 0) this.#ended.reject(this.#fault.cause);
      return;
    }
    for (const [id, look] of this.#found) {
      if (this.#inProgress.size >= MOST_IN_PROGRESS) return;
      this.#found.delete(id);
      void this.#act(id, look);
    }
    for (const id of this.#ready) {
      if (this.#inProgress.size >= MOST_IN_PROGRESS) return;
      this.#ready.delete(id);
      void this.#act(id, undefined);
    }
  }

  async #act(id: string, look: Look | undefined): Promise<void> {
    this.#inProgress.add(id);
    try {
      const result = await this.#options.act(id, look).finally(() => this.#inProgress.delete(id));
      this.#unsearched.delete(id);
      if (isSearchNeeded(result)) this.#noteMissing(id);
      else this.#settle(id, result);
      this.#advance();
    } catch (fault) {
      this.#fail(fault);
    }
  }

  /** Whatever throws, the batch must end, and no promise may reject unheard: that would end the process. */
  #fail(cause: unknown): void {
    this.#fault ??= { cause };
    this.#options.callers.takenBack.abort();
    this.#advance();
  }

  #noteMissing(id: string): void {
    if (this.#fault) return;
    const early = this.#early.get(id);
    if (early) this.#noteLook(id, early);
    else if (!this.#searching.has(id)) this.#search([id], this.#options.goal);
    this.#missing += 1;
    if (this.#missing === FEW + 1) this.#searchAllIfCheaper().catch((fault) => this.#fail(fault));
  }

  #noteLook(id: string, look: Look): void {
    this.#searching.delete(id);
    if (this.#fault || !this.#open.has(id)) return;
    if (this.#inProgress.has(id)) this.#early.set(id, look);
    else if (look.kind === this.#options.goal) {
      this.#found.set(id, look);
      this.#advance();
    }
    // Nothing is written to this one, so it waits for no other.
    else void this.#act(id, look);
  }

  #settle(id: string, outcome: Outcome): void {
    this.#open.delete(id);
    this.#options.onOutcome(id, outcome);
    if (this.#open.size === 0 && !this.#fault) this.#ended.resolve();
  }

  /** @param first - the place where these videos probably are. */
  #search(ids: readonly string[], first: Place): void {
    const { callers } = this.#options;
    const second = first === 'live' ? 'removed' : 'live';
    const firstRound = [
      [first, 'find'],
      [second, 'prove'],
    ] as const;
    for (const id of ids) this.#searching.add(id);
    const onLook = (id: string, look: Look) => this.#noteLook(id, look);
    search(this.#project, ids, { caller: callers.looker, firstRound, onLook })
      .catch(this.#project.onFault)
      .catch((fault) => this.#fail(fault));
  }

  /** Where many videos are missing, reading the whole list finds the others in fewer requests than writing to each. */
  async #searchAllIfCheaper(): Promise<void> {
    const { goal, callers } = this.#options;
    const { walks } = this.#project;
    // Without its length, the comparison below knows no better.
    await walks.learnLength(goal, 'find', callers.looker).catch(() => {});
    const ids = [...this.#unsearched];
    if (walks.plan(goal, ids, Number.NEGATIVE_INFINITY) === undefined) return;
    callers.takenBack.abort();
    for (const id of ids) this.#ready.delete(id);
    this.#search(ids, goal);
  }
}

export function isSearchNeeded(result: { readonly kind: string }): result is SearchNeeded {
  return result === SEARCH_NEEDED;
}
