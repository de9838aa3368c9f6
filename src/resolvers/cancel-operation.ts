// cancelOperation: stops an operation that the caller may see, if the caller may do what it does.
import { createForbiddenError } from '../errors.ts';
import type { MutationResolvers } from '../generated/resolvers.ts';
import { StorageUnavailableError } from '../operations/storage.ts';
import { createNotFound } from './durable-call.ts';
import { findOperation } from './operations.ts';

export const cancelOperation: NonNullable<MutationResolvers['cancelOperation']> = async (
  _parent,
  { id },
  context,
) => {
  const { operations, operationCaller: caller, viewer } = context;
  if (!operations) throw new StorageUnavailableError('this gateway keeps none');
  const found = await findOperation(id, context);
  if (!found || !caller) return { operation: null, userErrors: [createNotFound()] };
  const scope = found.kind === 'delete' ? 'videos:delete' : 'videos:restore';
  if (!viewer.scopes.has(scope) && !viewer.scopes.has('operations:manage'))
    throw createForbiddenError('To cancel an operation of this kind', [[scope], ['operations:manage']]);
  return { operation: await operations.cancel(caller, found), userErrors: [] };
};
