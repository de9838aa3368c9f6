// More requests than are worked on at once: those past the ceiling are told so, and the others are answered.
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { type ListeningGateway, startListeningGateway } from '../support/listening-gateway.ts';

const count = (first: number) => ({
  path: `/graphql?query=${encodeURIComponent(`{ videos(first: ${first}) { totalCount } }`)}`,
});

/** Holds every read of upstream for a while; `arrived` counts them. */
function holdLists({ sandbox }: ListeningGateway) {
  const held = { arrived: 0, ms: 4_000 };
  sandbox.setFault(({ kind }) => {
    if (kind !== 'read') return undefined;
    held.arrived += 1;
    return { kind: 'delay', ms: held.ms };
  });
  return held;
}

test('answers as many as are allowed, and refuses one more with 503', async () => {
  await using gateway = await startListeningGateway({
    videos: createVideos(3).videos,
    env: { MAX_REQUESTS: '2' },
  });
  const { send, sandbox } = gateway;
  const held = holdLists(gateway);

  const answers = [send(count(1)), send(count(2))];
  // The first goes alone, to learn what the budget is; the second waits for it.
  await eventually(() => expect(held.arrived).toBe(1));
  const seen = sandbox.requests.length;
  const [refused, mutation, health, ready] = await Promise.all([
    send(count(3)),
    send({
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: [JSON.stringify({ query: 'mutation { deleteVideos(ids: ["vi1"]) { summary { requested } } }' })],
    }),
    send({ path: '/health' }),
    send({ path: '/ready' }),
  ]);

  for (const answer of [refused, mutation]) {
    expect(answer.status).toBe(503);
    expect(answer.headers['retry-after']).toBe('1');
    expect(JSON.parse(answer.body)).toEqual({
      errors: [
        {
          message: 'Expected at most 2 concurrent requests, and all of them are in flight. Retry later.',
          extensions: { code: 'OVERLOADED' },
        },
      ],
    });
  }
  expect([health.status, ready.status]).toEqual([200, 200]);
  expect(sandbox.requests.length).toBe(seen);
  for (const answer of await Promise.all(answers)) {
    expect(JSON.parse(answer.body)).toEqual({ data: { videos: { totalCount: 3 } } });
  }
  held.ms = 0;
  expect((await send(count(4))).status).toBe(200);
});

test('counts no more what was refused, was wrong, or whose client went away', async () => {
  await using started = await startListeningGateway({ env: { MAX_REQUESTS: '1' } });
  const { send, port, sandbox } = started;
  const isFree = async () => (await send({ path: '/graphql?query={__typename}' })).status === 200;

  expect((await send({ path: '/graphql?query={nothing}' })).body).toContain('Cannot query field');
  expect((await send({ method: 'PUT' })).status).toBe(405);
  expect((await send({ method: 'POST', body: ['x'] })).status).toBe(415);
  expect(await isFree()).toBe(true);

  const { promise: asked, resolve } = Promise.withResolvers<void>();
  sandbox.setFault(() => {
    resolve();
    return { kind: 'hang', acts: false };
  });
  const client = connect(port, '127.0.0.1');
  client.write(`GET ${count(1).path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`);
  await asked;
  expect(await isFree()).toBe(false);
  client.destroy();
  await eventually(async () => expect(await isFree()).toBe(true));
});
