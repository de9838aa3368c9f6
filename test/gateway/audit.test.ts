import { auditServer } from 'graphql-http';
import { expect, test } from 'vitest';
import { startListeningGateway } from '../support/listening-gateway.ts';

test('passes every audit of GraphQL over HTTP', async () => {
  const { origin } = await startListeningGateway();

  const results = await auditServer({ url: `${origin}/graphql` });

  const failed = results.filter((result) => result.status !== 'ok');
  expect(failed.map(({ id, name, status, reason }) => `${status} ${id} ${name}: ${reason}`)).toEqual([]);
  expect(results).toHaveLength(61);
});
