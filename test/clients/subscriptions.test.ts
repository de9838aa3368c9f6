// The clients of docs/subscriptions.md, each with the lines that it names, at a gateway's socket.
import { createServer } from 'node:http';
import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { Client, cacheExchange, fetchExchange } from '@urql/core';
import { createClient } from 'graphql-sse';
import relay from 'relay-runtime';
import { expect, test } from 'vitest';
import { createHttpServer } from '../../src/server/http-server.ts';
import { startBrowser } from '../support/browser.ts';
import { createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { listen } from '../support/listen.ts';
import { startListeningGateway } from '../support/listening-gateway.ts';
import { run } from '../support/run-command.ts';
import { startOperation } from '../support/start-operation.ts';

const FOLLOW = 'subscription Follow($id: ID!) { operation(id: $id) { __typename id status succeeded } }';
const DONE = { operation: { status: 'COMPLETED', succeeded: 4 } };

async function startFollowed() {
  const { videos, ids } = createVideos(4);
  const options = { upstreamLagMs: 300, lagMs: 50, videos, env: { VIDEO_RESTORE: 'on' } };
  const started = await startListeningGateway({ store: { kind: 'memory' }, ...options });
  const url = `${started.origin}/graphql`;
  return { ...started, url, id: await startOperation(started.post, ids) };
}

/** What a subscription brings, until it completes. */
function collect<T>(
  subscribe: (observer: { next(value: T): void; error(error: unknown): void; complete(): void }) => unknown,
): Promise<T[]> {
  const seen: T[] = [];
  return new Promise((resolve, reject) => {
    subscribe({ next: (value) => seen.push(value), error: reject, complete: () => resolve(seen) });
  });
}

test('Apollo Client with its HttpLink as it is', async () => {
  await using started = await startFollowed();
  const { url: uri, id } = started;
  const client = new ApolloClient({ link: new HttpLink({ uri }), cache: new InMemoryCache() });
  const query = gql(FOLLOW);
  const seen = await collect((to) => client.subscribe({ query, variables: { id } }).subscribe(to));
  expect(seen.at(-1)).toMatchObject({ data: DONE });
  expect(Object(client.cache.extract())[`Operation:${id}`]).toMatchObject(DONE.operation);
  client.stop();
});

test('urql with fetchSubscriptions', async () => {
  await using started = await startFollowed();
  const exchanges = [cacheExchange, fetchExchange];
  const client = new Client({
    url: started.url,
    exchanges,
    fetchSubscriptions: true,
    preferGetMethod: false,
  });
  const seen: unknown[] = [];
  const { unsubscribe } = client.subscription(FOLLOW, { id: started.id }).subscribe(({ data, error }) => {
    seen.push(error ?? data);
  });
  await eventually(() => expect(seen.at(-1)).toMatchObject(DONE));
  unsubscribe();
});

test('graphql-sse', async () => {
  await using started = await startFollowed();
  const client = createClient({ url: started.url, retryAttempts: 0 });
  const seen = await collect((to) => client.subscribe({ query: FOLLOW, variables: { id: started.id } }, to));
  expect(seen.at(-1)).toMatchObject({ data: DONE });
});

test('graphql-sse subscribes again once the gateway was gone and is back', async () => {
  await using started = await startFollowed();
  const lost = createHttpServer(started.gateway.handle);
  const first = await listen(lost);
  const url = `http://127.0.0.1:${first.port}/graphql`;
  const client = createClient({ url, retryAttempts: 50, retry: () => new Promise(setImmediate) });
  const query = 'subscription { operations { id status } }';
  const seen: unknown[] = [];
  const stop = client.subscribe(
    { query },
    { next: (value) => seen.push(value), error: (error) => seen.push(error), complete() {} },
  );
  await eventually(() => expect(seen).not.toEqual([]));
  lost.closeAllConnections();
  const before = seen.length;
  await eventually(() => expect(seen.length).toBeGreaterThan(before));
  expect(seen.at(-1)).toHaveProperty('data');
  stop();
  client.dispose();
  await first[Symbol.asyncDispose]();
});

test("Relay's network layer with graphql-sse", async () => {
  await using started = await startFollowed();
  const client = createClient({ url: started.url, retryAttempts: 0 });
  const network = relay.Network.create(
    () => Promise.reject(new Error('no query')),
    ({ text, name }, variables) =>
      relay.Observable.create((sink) =>
        client.subscribe(
          { query: text ?? '', operationName: name, variables },
          { ...sink, next: (value) => sink.next(Object(value)) },
        ),
      ),
  );
  const request = {
    id: null,
    cacheID: 'follow',
    text: FOLLOW,
    name: 'Follow',
    operationKind: 'subscription' as const,
    metadata: {},
  };
  const variables = { id: started.id };
  const seen = await collect((to) => network.execute(request, variables, {}, null).subscribe(to));
  expect(seen.at(-1)).toMatchObject({ data: DONE });
});

test('curl, also without an Accept header', async () => {
  await using started = await startFollowed();
  const body = JSON.stringify({ query: FOLLOW, variables: { id: started.id } });
  for (const more of [[], ['-H', 'Accept:']]) {
    const args = ['-sN', ...more, '-H', 'Content-Type: application/json', '-d', body, started.url];
    const stdout = await run('curl', args);
    expect(stdout).toContain('"status":"COMPLETED"');
    expect(stdout).toMatch(/event: complete\ndata:\n\n$/);
  }
});

test('EventSource in a browser, which the page closes at the end', async () => {
  await using started = await startFollowed();
  const both = createServer((request, response) => {
    if (request.url === '/page') response.writeHead(200, { 'content-type': 'text/html' }).end();
    else started.gateway.handle(request, response);
  });
  await using listening = await listen(both);
  const browser = await startBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${listening.port}/page`);
    const search = new URLSearchParams({ query: FOLLOW, variables: JSON.stringify({ id: started.id }) });
    const seen = await page.evaluate(
      (address) =>
        new Promise<string[]>((resolve) => {
          const texts: string[] = [];
          const source = new EventSource(address);
          source.addEventListener('next', ({ data }) => texts.push(data));
          source.addEventListener('complete', () => {
            source.close();
            resolve(texts);
          });
        }),
      `/graphql?${search}`,
    );
    expect(JSON.parse(seen.at(-1) ?? '')).toMatchObject({ data: DONE });
  } finally {
    await browser.close();
  }
}, 120_000);
