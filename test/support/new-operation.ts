// A new operation as the store takes it, with what a test does not say filled in.
import type { NewOperation } from '../../src/operations/operation-store.ts';

export const TARGET = 'https://ws.api.video key';

export function newOperation(given: Partial<NewOperation> = {}): NewOperation {
  return {
    id: 'op_1',
    target: TARGET,
    project: 'project',
    owner: 'owner',
    subject: 'subject',
    kind: 'delete',
    ifPermanent: 'refuse',
    idempotencyKey: null,
    fingerprint: 'fingerprint',
    credential: null,
    mostOpen: 100,
    ...given,
  };
}
