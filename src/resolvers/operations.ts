// Operations as clients see them: alone, as a list, and each with its counts, its results and how long it will take.
import { ConnectionArgumentError } from '../connection/connection-argument-error.ts';
import { readNumberedConnection } from '../connection/numbered-connection.ts';
import type { Context, Quota } from '../context.ts';
import { createInputError } from '../errors.ts';
import type { OperationResolvers, QueryResolvers } from '../generated/resolvers.ts';
import { estimateSeconds } from '../operations/estimate.ts';
import { countOf, isUndoable, type Operation, REJECTED_FOR_NOW } from '../operations/operation.ts';
import { FAILURE_CODES } from '../removal/outcomes.ts';
import { countItems } from './durable-call.ts';
import { toItemResult } from './item-result.ts';

/** Undefined if the caller has none with this id. */
export function findOperation(id: string, { operationLoader }: Context): Promise<Operation | undefined> {
  return operationLoader.load(id);
}

export const operation: NonNullable<QueryResolvers['operation']> = async (_parent, { id }, context) =>
  (await findOperation(id, context)) ?? null;

export const operations: NonNullable<QueryResolvers['operations']> = async (_parent, args, context) => {
  const { operations: durable, operationCaller: caller } = context;
  const unfinished = args.unfinished ?? undefined;
  return orInputError(async () =>
    readNumberedConnection(args, {
      scope: 'operations',
      read: async (slice) => (caller && durable ? durable.list(caller, unfinished, slice) : []),
      toNumber: ({ seq }: Operation) => seq,
      totalCount: caller && durable ? await durable.count(caller, unfinished) : 0,
    }),
  );
};

export const operationFields: OperationResolvers = {
  kind: ({ kind }) => (kind === 'delete' ? 'DELETE' : 'RESTORE'),
  status(parent, _args, context) {
    noteEnd(parent, context);
    return STATUS[parent.status];
  },
  ifPermanent: ({ ifPermanent }) =>
    ifPermanent === null ? null : ifPermanent === 'allow' ? 'ALLOW' : 'REFUSE',
  succeeded: (parent) => countItems(parent).succeeded,
  destroyed: ({ counts }) => counts.destroyed ?? 0,
  failed: (parent) => countItems(parent).failed,
  pending: (parent) => countItems(parent).pending,
  failures: (parent) => toFailureCounts(parent),
  createdAt: ({ createdAt }) => new Date(createdAt).toISOString(),
  finishedAt(parent, _args, context) {
    noteEnd(parent, context);
    return parent.finishedAt === null ? null : new Date(parent.finishedAt).toISOString();
  },
  undoable: (parent) => isUndoable(parent),

  async etaSeconds(parent, _args, { operations: durable, operationCaller: caller, project }) {
    // A cancelled one only waits for what was sent.
    const isOver = parent.finishedAt !== null || parent.status === 'cancelled';
    if (isOver || !durable || !caller || project.isFailing()) return null;
    const backlog = await durable.backlog(caller);
    return estimateSeconds(countItems(parent).pending, parent.seq, backlog, project.governor.budget('write'));
  },

  async results(parent, args, { operations: durable, listed }) {
    const { failedOnly } = args;
    const connection = await orInputError(() =>
      readNumberedConnection(args, {
        scope: `results ${parent.seq} ${failedOnly ? 'failed' : 'all'}`,
        async read(slice) {
          // Each look at the store counts, however little it finds.
          takeListed(listed, Math.max(1, Math.min(slice.limit - 1, parent.total)));
          return (await durable?.results(parent, failedOnly, slice)) ?? [];
        },
        toNumber: ({ place }) => place,
        totalCount: failedOnly ? countItems(parent).failed : parent.total,
      }),
    );
    const nodes = connection.nodes.map((item) => toItemResult(parent, item));
    const edges = connection.edges.flatMap(({ cursor }, index) => {
      const node = nodes[index];
      return node ? [{ node, cursor }] : [];
    });
    return { ...connection, nodes, edges };
  },
};

/** Whoever learns of an end reads the lists next: then no page answers that this gateway read before it, if another one ended it. */
function noteEnd(parent: Operation, { operations: durable, project }: Context): void {
  if (durable?.isEndNews(parent)) project.videos.forgetReads({ isShown: true });
}

/** Lists in lists could otherwise have millions of results. @param most - how many a page may have. */
function takeListed(listed: Quota, most: number): void {
  if (most > listed.left)
    throw createInputError(
      `Expected at most ${listed.max} results in all pages of a request, and got more. Split the query.`,
    );
  listed.left -= most;
}

const STATUS = {
  queued: 'QUEUED',
  running: 'RUNNING',
  completed: 'COMPLETED',
  cancelled: 'CANCELLED',
} as const;

function toFailureCounts(parent: Operation) {
  const { counts } = parent;
  // Those that an ended operation has not settled were not attempted.
  const unsettled = countItems(parent).failed - countOf(counts, [...FAILURE_CODES, REJECTED_FOR_NOW]);
  return FAILURE_CODES.map((code) => ({
    code,
    count:
      (counts[code] ?? 0) +
      (code === 'NOT_ATTEMPTED' ? unsettled : 0) +
      (code === 'UPSTREAM_REJECTED' ? (counts[REJECTED_FOR_NOW] ?? 0) : 0),
  }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count);
}

async function orInputError<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw error instanceof ConnectionArgumentError ? createInputError(error.message) : error;
  }
}
