// The one read that shows the dialect, when many calls need it and their credentials are refused.
import { expect, test } from 'vitest';
import type { Credentials } from '../../src/upstream/credentials.ts';
import { createDialectSource } from '../../src/upstream/dialects.ts';
import { UnauthorizedError } from '../../src/upstream/upstream-errors.ts';

const createSigner = (): Credentials => ({ authorization: async () => '', renew: async () => {} });

function createSource() {
  const source = createDialectSource('auto');
  const looks: (Credentials | undefined)[] = [];
  const ask = (signer: Credentials) =>
    source(async () => {
      looks.push(signer);
      throw new UnauthorizedError('upstream refused the key');
    }, signer);
  return { ask, looks };
}

test('a refusal is the answer for all calls with the same credentials, and no call asks again', async () => {
  const { ask, looks } = createSource();
  const signer = createSigner();

  const ends = await Promise.allSettled(Array.from({ length: 100 }, () => ask(signer)));

  expect(ends.every(({ status }) => status === 'rejected')).toBe(true);
  expect(looks).toHaveLength(1);
});

test('a call with other credentials asks for itself', async () => {
  const { ask, looks } = createSource();
  const [one, other] = [createSigner(), createSigner()];

  await Promise.allSettled([ask(one), ask(one), ask(other), ask(other)]);

  expect(looks).toEqual([one, other]);
});
