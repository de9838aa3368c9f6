// Which videos the operations have yet to settle, so that their rows cannot be ticked. Those that are settled meanwhile leave
// their list at once: one with several pages is read again only at the end.
import type { ApolloClient } from '@apollo/client';
import {
  type OperationDetailsFragment,
  OperationResultsDocument,
  type OperationResultsQuery,
} from 'apivideo-graphql-client';
import type { Act } from '../words.ts';

const PAGE = 250;
/** How many ids of an operation that this page has not started itself it learns. The gateway answers from its store. */
const MOST_LEARNED = 10_000;
/** The ids are settled in their order, so that what is new stands on few pages. */
const MOST_PAGES = 8;
const READ_EVERY_MS = 5_000;

export type Busy = Readonly<Record<Act, ReadonlySet<string>>>;

type Result = NonNullable<OperationResultsQuery['operation']>['results']['edges'][number]['node'];
type ResultPage = { readonly after: string | null; end: string | null; hasNext: boolean; pending: number };

type Work = {
  readonly id: string;
  readonly act: Act;
  readonly busy: Set<string>;
  /** Whether `busy` began with all ids. Else it has those of the pages that were read. */
  readonly isKnown: boolean;
  readonly pages: ResultPage[];
  pending: number;
  readAt: number;
  state: 'idle' | 'waiting' | 'reading' | 'reading, and due again';
  isEnded: boolean;
  timer: ReturnType<typeof setTimeout> | undefined;
};

export class BusyIds {
  readonly #client: ApolloClient;
  readonly #onChange: (busy: Busy) => void;
  readonly #works = new Map<string, Work>();

  constructor(client: ApolloClient, onChange: (busy: Busy) => void) {
    this.#client = client;
    this.#onChange = onChange;
  }

  /** @param ids - all that the operation has, if this page has started it. */
  hear(operation: OperationDetailsFragment, ids?: readonly string[]): void {
    const { id, pending, finishedAt } = operation;
    const known = this.#works.get(id);
    if (!known && finishedAt !== null) return;
    const work = known ?? createWork(operation, ids);
    this.#works.set(id, work);
    if (!known && ids) this.#publish();
    const hasMoved = pending !== work.pending || finishedAt !== null;
    work.pending = pending;
    work.isEnded = finishedAt !== null;
    if (hasMoved || (!known && !ids)) this.#schedule(work);
  }

  drop(id: string): void {
    const work = this.#works.get(id);
    if (!work) return;
    clearTimeout(work.timer);
    this.#works.delete(id);
    this.#publish();
  }

  #schedule(work: Work): void {
    if (work.state === 'reading' || work.state === 'reading, and due again') {
      work.state = 'reading, and due again';
      return;
    }
    if (work.state === 'waiting' && !work.isEnded) return;
    clearTimeout(work.timer);
    work.state = 'waiting';
    const ms = work.isEnded ? 0 : Math.max(0, work.readAt + READ_EVERY_MS - Date.now());
    work.timer = setTimeout(() => void this.#read(work), ms);
  }

  async #read(work: Work): Promise<void> {
    const { isEnded } = work;
    work.state = 'reading';
    work.readAt = Date.now();
    try {
      await this.#readPages(work);
    } catch {
      // The next progress reads them again, and at the end the lists are read again anyway.
    }
    if (isEnded) return this.drop(work.id);
    this.#publish();
    const isDue = work.state !== 'reading';
    work.state = 'idle';
    if (isDue) this.#schedule(work);
  }

  async #readPages(work: Work): Promise<void> {
    let reads = 0;
    for (let at = 0; ; at++) {
      const before = at > 0 ? work.pages[at - 1] : undefined;
      if (before && !before.hasNext) return;
      const page = work.pages[at] ?? createPage(before?.end ?? null);
      const isNew = work.pages[at] === undefined;
      if (!isNew && page.pending === 0) continue;
      const isLearning = isNew && !work.isKnown;
      if (isLearning ? at * PAGE >= MOST_LEARNED : reads >= MOST_PAGES) return;
      const count = await this.#readPage(work, page, isLearning);
      reads += 1;
      work.pages[at] = page;
      // What follows was not begun.
      if (page.pending === count && !isLearning) return;
    }
  }

  async #readPage(work: Work, page: ResultPage, isLearning: boolean): Promise<number> {
    const { data } = await this.#client.query({
      query: OperationResultsDocument,
      variables: { id: work.id, first: PAGE, after: page.after },
      fetchPolicy: 'no-cache',
    });
    const results = data?.operation?.results;
    if (!results) throw new Error('The operation is gone.');
    const nodes = results.edges.map(({ node }) => node);
    const settled = nodes.filter(
      (node) => node.__typename !== 'VideoPending' && work.busy.delete(node.videoId),
    );
    if (isLearning)
      for (const node of nodes) if (node.__typename === 'VideoPending') work.busy.add(node.videoId);
    page.pending = nodes.filter(({ __typename }) => __typename === 'VideoPending').length;
    page.end = results.pageInfo.endCursor ?? null;
    page.hasNext = results.pageInfo.hasNextPage;
    this.#show(settled);
    return nodes.length;
  }

  /** Each once, when it has just been settled: later, somebody else may have changed it. */
  #show(settled: readonly Result[]): void {
    const { cache } = this.#client;
    cache.batch({
      update() {
        for (const { __typename, videoId } of settled) {
          if (__typename === 'VideoFailure' || __typename === 'VideoPending') continue;
          const id = cache.identify({ __typename: 'Video', id: videoId });
          // A destroyed one is in neither list, and this takes it out of the one that it was in.
          if (id) cache.modify({ id, fields: { removed: () => __typename !== 'VideoRestored' } });
        }
      },
    });
  }

  #publish(): void {
    const all = { delete: new Set<string>(), restore: new Set<string>() };
    for (const { act, busy } of this.#works.values()) for (const id of busy) all[act].add(id);
    this.#onChange(all);
  }
}

function createWork(
  { id, kind, pending }: OperationDetailsFragment,
  ids: readonly string[] | undefined,
): Work {
  return {
    id,
    act: kind === 'DELETE' ? 'delete' : 'restore',
    busy: new Set(ids),
    isKnown: ids !== undefined,
    pages: [],
    pending,
    readAt: ids ? Date.now() : 0,
    state: 'idle',
    isEnded: false,
    timer: undefined,
  };
}

const createPage = (after: string | null): ResultPage => ({ after, end: null, hasNext: true, pending: 0 });
