// Reads one list from its first page to its last, for all callers that look for videos in it at the time. Each caller
// reads pages for all of them. The walk can stop when a caller leaves, and go on with the next one.
import { endsInTime, type WaitLimits } from '../upstream/ends-in-time.ts';
import type { VideoPage } from '../upstream/shapes.ts';
import { BudgetExhaustedError, isOfCaller, toCancelled } from '../upstream/upstream-errors.ts';
import { toOwnText } from '../upstream/video-id.ts';
import { fits, isBeyondLast, PAGE_SIZE } from './walk-page.ts';

/** Longer lists are not walked: the ids of a walk take some ten megabytes. */
export const LONGEST_LIST = 100_000;
/** Pages that one caller reads at a time. */
const MOST_AT_ONCE = 20;
/** How often a page is read that fails, or is not the page that was asked for. */
const MOST_ATTEMPTS = 3;
/** A walk without a new page for this long may wait for a page that never comes. */
const STALLED_MS = 2_000;

/** One caller of a walk. */
export type Follower = {
  readonly limits: WaitLimits;
  /** Reads one page of the list for this caller. */
  readonly readPage: (page: number) => Promise<VideoPage>;
  /** Whether its reads come after all others. Then others read its pages themselves instead of waiting for it. */
  readonly isLast: boolean;
  /** Called with each page from now on, whoever has read it. `begunAt`: when that read began. */
  readonly onPage: (page: VideoPage, begunAt: number) => void;
  /** Whether the rest of the pages is of use to this caller. Asked before each page, and when the walk has stalled. */
  readonly isWorthwhile: (pagesLeft: number, isStalled: boolean) => boolean;
};

type ReadPage = { readonly page: VideoPage; readonly begunAt: number };

export class ListWalk {
  /** On the clock of `performance.now()`. */
  readonly beganAt = performance.now();
  readonly #onPage: () => void;
  #isComplete = false;
  #isVoid = false;
  /** The most pages that any answer shows: a list that becomes shorter ends in empty ones. */
  #pages: number | undefined;
  #total = 0;
  #next = 1;
  /** Pages to read again. */
  readonly #again: number[] = [];
  /** Pages in flight whose readers come last. */
  readonly #late = new Set<number>();
  readonly #failures = new Map<number, number>();
  readonly #read = new Set<number>();
  readonly #ids = new Set<string>();
  /** By the first video of the page. */
  readonly #pageOf = new Map<string, number>();
  /** The pages that each follower has yet to see. */
  readonly #inboxes = new Set<ReadPage[]>();
  #inFlight = 0;
  #progress = Promise.withResolvers<void>();

  /** @param onPage - called with each page that is read. */
  constructor(onPage: () => void) {
    this.#onPage = onPage;
  }

  /** Whether every page has come. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Whether the list cannot be read as a whole: a page is missing, or the pages do not fit together. */
  get isVoid(): boolean {
    return this.#isVoid;
  }

  /** Whether a caller reads pages at present. */
  get isFollowed(): boolean {
    return this.#inboxes.size > 0;
  }

  /** How many pages are not read yet; undefined before the first one. */
  get pagesLeft(): number | undefined {
    return this.#pages === undefined ? undefined : Math.max(0, this.#pages - this.#read.size);
  }

  /** Whether a page that is read showed the video. */
  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /**
   * Reads pages together with the other followers, until the walk is over or no longer worthwhile.
   *
   * @throws what keeps this caller from reading: its deadline, its departure or its credentials.
   */
  async follow({ limits, readPage, isLast, onPage, isWorthwhile }: Follower): Promise<void> {
    const failure: { error?: unknown } = {};
    const inbox: ReadPage[] = [];
    let own = 0;
    let isStalled = false;
    // What is called for a caller is called from here, so that its log lines and times are its own.
    const takePages = () => {
      for (const { page, begunAt } of inbox.splice(0)) onPage(page, begunAt);
    };
    this.#inboxes.add(inbox);
    try {
      while (!this.#isOver && !('error' in failure) && isWorthwhile(this.pagesLeft ?? 0, isStalled)) {
        const page = own < MOST_AT_ONCE ? this.#take(isLast) : undefined;
        if (page === undefined) {
          isStalled = !(await this.#changesInTime(limits));
          takePages();
          continue;
        }
        own += 1;
        void this.#readOne(page, readPage).then((error) => {
          own -= 1;
          if (error !== undefined) failure.error = error;
          this.#change();
        });
      }
      takePages();
    } finally {
      this.#inboxes.delete(inbox);
      this.#change();
    }
    if ('error' in failure) throw failure.error;
  }

  /**
   * Resolves when a page has come or failed, or a follower has left.
   *
   * @throws BudgetExhaustedError or CancelledError if the limits are reached before.
   */
  async nextChange(limits: WaitLimits): Promise<void> {
    if (await endsInTime(this.#progress.promise, limits)) return;
    if (limits.signal?.aborted) throw toCancelled(limits.signal);
    throw new BudgetExhaustedError(undefined);
  }

  /** The same, but not for long. @returns whether there was a change. */
  async #changesInTime(limits: WaitLimits): Promise<boolean> {
    const patience = performance.now() + STALLED_MS;
    if (patience >= limits.deadline) {
      await this.nextChange(limits);
      return true;
    }
    const isChanged = await endsInTime(this.#progress.promise, { ...limits, deadline: patience });
    if (limits.signal?.aborted) throw toCancelled(limits.signal);
    return isChanged;
  }

  get #isOver(): boolean {
    return this.#isComplete || this.#isVoid;
  }

  /** The next page to read; undefined if all are read or in flight. */
  #take(isLast: boolean): number | undefined {
    // The first page shows how many there are.
    const isKnown = this.#pages !== undefined || (this.#next === 1 && this.#inFlight === 0);
    const hasNext = isKnown && this.#next <= (this.#pages ?? 1);
    const [late] = isLast ? [] : this.#late;
    const page = this.#again.pop() ?? (hasNext ? this.#next++ : late);
    if (page === undefined) return undefined;
    this.#inFlight += 1;
    if (isLast) this.#late.add(page);
    else this.#late.delete(page);
    return page;
  }

  /** @returns the error if this caller can read no more. */
  async #readOne(number: number, readPage: Follower['readPage']): Promise<unknown> {
    const begunAt = performance.now();
    let page: VideoPage | undefined;
    try {
      page = await readPage(number);
    } catch (error) {
      if (isOfCaller(error)) {
        this.#end(number);
        if (!this.#read.has(number)) this.#again.push(number);
        return error;
      }
      if (isBeyondLast(number, this.#total, error))
        page = { videos: [], received: 0, total: this.#total, currentPage: number };
    }
    this.#end(number);
    // Another one has read it meanwhile.
    if (this.#read.has(number)) return undefined;
    if (page && fits(page, number) && this.#isNew(page, number)) this.#note(number, page, begunAt);
    else this.#fail(number);
    return undefined;
  }

  #end(number: number): void {
    this.#inFlight -= 1;
    this.#late.delete(number);
  }

  /** A page that begins as an earlier one is that one again. Removals shift videos to earlier pages, never to later ones. */
  #isNew({ videos: [first] }: VideoPage, number: number): boolean {
    return first === undefined || number <= (this.#pageOf.get(first.id) ?? number);
  }

  #note(number: number, page: VideoPage, begunAt: number): void {
    this.#onPage();
    this.#read.add(number);
    this.#total = Math.max(this.#total, page.total);
    // After a full page, there may be another one, whatever the total says.
    const least = page.received < PAGE_SIZE ? number : number + 1;
    this.#pages = Math.max(
      this.#pages ?? 1,
      Math.ceil(page.total / PAGE_SIZE),
      page.received > 0 ? least : 1,
    );
    for (const { id } of page.videos) this.#ids.add(toOwnText(id));
    // Whatever the total says: pages may go on forever.
    if (Math.max(page.total, this.#ids.size) > LONGEST_LIST) this.#isVoid = true;
    const [first] = page.videos;
    if (first) this.#pageOf.set(toOwnText(first.id), number);
    for (const inbox of this.#inboxes) inbox.push({ page, begunAt });
    this.#isComplete = this.pagesLeft === 0;
  }

  #fail(number: number): void {
    const failures = (this.#failures.get(number) ?? 0) + 1;
    this.#failures.set(number, failures);
    if (failures >= MOST_ATTEMPTS) this.#isVoid = true;
    else this.#again.push(number);
  }

  #change(): void {
    this.#progress.resolve();
    this.#progress = Promise.withResolvers<void>();
  }
}
