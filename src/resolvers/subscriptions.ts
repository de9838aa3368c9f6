// What clients can follow. Each stream ends when the client leaves, its token expires, or the gateway stops.
import type { Context } from '../context.ts';
import { createOperationNotFoundError } from '../errors.ts';
import type { SubscriptionResolvers } from '../generated/resolvers.ts';
import type { Operation } from '../operations/operation.ts';
import { StorageUnavailableError } from '../operations/storage.ts';
import { findOperation } from './operations.ts';

async function* none(): AsyncGenerator<readonly Operation[], void> {
  yield [];
}

export const Subscription: SubscriptionResolvers = {
  operation: {
    async subscribe(_parent, { id }, context) {
      const { operations, signal } = context;
      const found = await findOperation(id, context);
      if (!operations || !found) throw createOperationNotFoundError(id);
      return operations.follow(found, signal);
    },
    resolve: (operation: Operation) => operation,
  },
  operations: {
    async subscribe(_parent, _args, { operations, operationCaller: caller, signal }: Context) {
      if (!operations) throw new StorageUnavailableError('this gateway keeps none');
      // As the query: such a caller has none.
      if (!caller) return none();
      return operations.followAll(caller, signal);
    },
    resolve: (operations: readonly Operation[]) => operations,
  },
};
