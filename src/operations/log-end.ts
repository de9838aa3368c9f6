// The line of an operation's end, whoever has ended it.
import type { Logger } from 'pino';
import type { Operation } from './operation.ts';

export function logEnd(logger: Logger, operation: Operation): void {
  const { id, status, total, counts, createdAt, finishedAt } = operation;
  const seconds = finishedAt === null ? undefined : Math.round((finishedAt - createdAt) / 1_000);
  logger.info({ operationId: id, status, total, counts, seconds }, `the operation is ${status}`);
}
