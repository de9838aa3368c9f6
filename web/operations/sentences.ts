// What the app says of an operation, from its counts.
import type { OperationDetailsFragment } from 'apivideo-graphql-client';
import { type Act, operations as words } from '../words.ts';

type Operation = Pick<
  OperationDetailsFragment,
  'kind' | 'status' | 'total' | 'succeeded' | 'destroyed' | 'failed' | 'failures' | 'pending' | 'finishedAt'
>;

export const toAct = ({ kind }: Pick<Operation, 'kind'>): Act => (kind === 'DELETE' ? 'delete' : 'restore');

/** How many were not sent because the user has cancelled it. They count as failed, but nothing went wrong. */
export function countLeft({ status, finishedAt, failures }: Operation): number {
  if (status !== 'CANCELLED' || finishedAt === null) return 0;
  return failures.find(({ code }) => code === 'NOT_ATTEMPTED')?.count ?? 0;
}

export const countFailed = (operation: Operation) => operation.failed - countLeft(operation);

export function toFacts(operation: Operation): readonly string[] {
  const counts = { ...operation, failed: countFailed(operation) };
  if (operation.finishedAt === null) return words.soFar(toAct(operation), counts);
  return words.ended(toAct(operation), counts, countLeft(operation));
}

/** The same for all states that are not worth saying aloud one by one. */
export function toSentence(operation: Operation): string {
  const { total, pending, finishedAt, status } = operation;
  const title = words.title(toAct(operation), total);
  if (finishedAt !== null) return toFacts(operation).join(', ');
  if (status === 'CANCELLED') return `${title}: ${words.cancelling}`;
  const tenths = Math.floor(((total - pending) / total) * 10);
  return tenths === 0 ? title : words.step(title, tenths * 10);
}
