import { auditServer } from 'graphql-http';
import { expect, test } from 'vitest';
import { startListeningGateway } from '../support/listening-gateway.ts';

async function audit(env: Record<string, string>) {
  await using started = await startListeningGateway({ env });
  const { origin } = started;
  return await auditServer({ url: `${origin}/graphql` });
}

test('passes every audit of GraphQL over HTTP', async () => {
  const results = await audit({});

  const failed = results.filter((result) => result.status !== 'ok');
  expect(failed.map(({ id, name, status, reason }) => `${status} ${id} ${name}: ${reason}`)).toEqual([]);
  expect(results).toHaveLength(61);
});

test('passes all but those that ask for a type by its name, where introspection is off', async () => {
  const results = await audit({ INTROSPECTION: 'off', GRAPHIQL: 'off' });

  const passed = results.filter((result) => result.status === 'ok');
  expect(passed).toHaveLength(57);
  // What these ask by their variables is `__type`.
  const failed = results.filter((result) => result.status !== 'ok').map(({ name }) => name);
  expect(failed).toHaveLength(4);
  for (const name of failed) expect(name).toContain('{variables} parameter');
});
