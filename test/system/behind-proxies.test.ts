// nginx and HAProxy in front of the gateway, as docs/proxies.md configures them.
import { AsyncDisposableStack } from '@whatwg-node/disposablestack';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config/read-config.ts';
import { createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { type BehindProxy, CLIENT, PATH, startBehindProxy } from './behind-proxy.ts';
import { PROXIES, type ProxyName, readProxyExample } from './proxy-process.ts';

const DELETION =
  'mutation ($ids: [ID!]!) { deleteVideos(ids: $ids) { results { __typename videoId } userErrors { message } } }';
const QUERY = '{ videos(first: 1) { totalCount } }';

// One after the other, since they share the processes.
describe.each(PROXIES)('behind %s', { concurrent: false }, (proxy) => {
  const { videos, ids } = createVideos(4);
  const stack = new AsyncDisposableStack();
  let started: BehindProxy;
  beforeAll(async () => {
    started = stack.use(
      await startBehindProxy(proxy, {
        sandbox: { videos, latencyMs: 100 },
        // With the default, a body may be larger than the proxies let pass.
        env: { MAX_BACKGROUND_IDS: '1000' },
      }),
    );
  }, 300_000);
  afterAll(() => stack.disposeAsync());

  const isDeletion = ({ method }: { method: string }) => method === 'DELETE';
  /** What has reached a gateway, health checks left out. */
  const readRequests = () => started.connections().flatMap(({ requests }) => requests);

  test('a deletion arrives once, through TLS and the prefix, and the log has the address of the client', async () => {
    const { sandbox, post, lines } = started;
    const three = ids.slice(0, 3);

    // What a client says of itself counts for nothing.
    const forged = { 'x-forwarded-for': '6.6.6.6', forwarded: 'for=6.6.6.6', 'x-real-ip': '6.6.6.6' };
    const { status, body } = await post(DELETION, { ids: three }, { headers: forged });

    expect(status, body).toBe(200);
    const results = three.map((videoId) => ({ __typename: 'VideoRemoved', videoId }));
    expect(JSON.parse(body)).toEqual({ data: { deleteVideos: { results, userErrors: [] } } });
    const deleted = sandbox.requests.filter(isDeletion).map(({ videoId }) => videoId);
    expect(deleted.toSorted()).toEqual(three.toSorted());

    const logged = await eventually(() => {
      const all = lines();
      expect(all.filter(({ type }) => type === 'mutation')).toHaveLength(1);
      return all;
    });
    const [operation] = logged.filter(({ type }) => type === 'mutation');
    expect(operation).toMatchObject({ address: CLIENT, caller: 'ann', outcomes: { removed: 3 } });
    const audited = logged.filter(({ audit }) => audit === true);
    expect(audited.map(({ videoId }) => videoId).toSorted()).toEqual(three.toSorted());
    for (const { requestId } of audited) expect(requestId).toBe(operation?.requestId);
    const addresses = logged.flatMap(({ address }) => (address === undefined ? [] : [address]));
    expect(new Set(addresses)).toEqual(new Set([CLIENT]));
    expect(JSON.stringify(logged)).not.toContain('6.6.6.6');
  });

  test('nothing but the one path is reachable', async () => {
    const { send, gateways } = started;
    const before = readRequests();

    const url = new URL('/metrics', String(await gateways[0]?.url).replace('0.0.0.0', '127.0.0.1'));
    expect(await (await fetch(url)).text()).toContain('apivideo_graphql_');
    for (const path of [
      '/metrics',
      '//metrics',
      '/video-api/metrics',
      '/video-api/graphql/../metrics',
      '/video-api/graphql/../../metrics',
      '/video-api/graphql%2f..%2f..%2fmetrics',
      '/video-api/..%2fmetrics',
      '/video-api/graphql/metrics',
      '/health',
      '/ready',
      '/video-api/ready',
      '/graphql',
      '/',
    ]) {
      const { status, body } = await send({ path });
      expect(status, path).toBe(404);
      expect(body, path).not.toContain('apivideo_graphql_');
    }
    expect(readRequests()).toEqual(before);
  });

  test('the queries and the credentials of a client arrive, and a wrong token is refused by the gateway', async () => {
    const { send, post } = started;

    const byGet = await post(
      '',
      {},
      {
        method: 'GET',
        path: `${PATH}?query=${encodeURIComponent(QUERY)}`,
        body: '',
      },
    );
    expect(JSON.parse(byGet.body)).toEqual({ data: { videos: { totalCount: 1 } } });
    expect(byGet.headers['x-request-id']).toBeTypeOf('string');
    const refused = await send({
      path: `${PATH}?query={__typename}`,
      headers: { authorization: 'Bearer no' },
    });
    expect(refused.status).toBe(401);
  });

  test('a mutation whose connection dies is not sent again, and upstream sees one DELETE', async () => {
    const { sandbox, post, relays, lines } = started;
    const before = readRequests().length;
    sandbox.clearRequests();

    const answering = post(DELETION, { ids: ids.slice(3) });
    await eventually(() => expect(sandbox.requests.some(isDeletion)).toBe(true));
    for (const relay of relays) relay.cut();

    expect((await answering).status).toBe(502);
    // The gateway finishes what it has sent, and the audit has it.
    const isOfVideo = ({ audit, videoId }: Record<string, unknown>) => audit === true && videoId === ids[3];
    await eventually(() => expect(lines().filter(isOfVideo)).toMatchObject([{ outcome: 'removed' }]));
    expect(readRequests().slice(before)).toEqual([expect.stringMatching(/^POST /)]);
    expect(sandbox.requests.filter(isDeletion)).toHaveLength(1);
  });

  test('a body over the limit gets 413, from the gateway or from the proxy', async () => {
    const { post } = started;
    const before = readRequests().length;

    // A client that is still sending may see the end of the connection before the answer.
    const ask = (length: number) =>
      eventually(async () => {
        const answer = await post(QUERY, { filler: 'x'.repeat(length) });
        expect(answer.status).toBe(413);
        return answer;
      });

    const ofGateway = await ask(1_300_000);
    expect(ofGateway.body).toContain('at most 1120576 bytes');
    const after = readRequests().length;
    expect(after).toBeGreaterThan(before);

    await ask(8 * 1024 * 1024);
    expect(readRequests()).toHaveLength(after);

    // The largest that the gateway accepts passes the proxy.
    expect((await post(QUERY, { filler: 'x'.repeat(1_100_000) })).status).toBe(200);
  });

  test('a client that sends too many requests gets 429, and others do not', async () => {
    const { send } = started;
    const ask = async (from: string) => (await send({ path: `${PATH}?query={__typename}`, from })).status;

    const statuses = await Promise.all(Array.from({ length: 230 }, () => ask('127.0.0.8')));
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    expect(await ask('127.0.0.9')).toBe(401);
  });
});

test('the configured idle times are shorter than KEEP_ALIVE_SECONDS', () => {
  const { keepAliveSeconds } = readConfig({ APIVIDEO_API_KEY: 'key' });
  expect(readSeconds('nginx', 'keepalive_timeout')).toBeLessThan(keepAliveSeconds);
  expect(readSeconds('haproxy', 'timeout http-keep-alive')).toBeLessThan(keepAliveSeconds);
});

test('the configured time-outs are longer than a call of waitSeconds: 60, with a new token and its verification', () => {
  const longest = 20 + 60 + 2 + 10;
  expect(readSeconds('nginx', 'proxy_read_timeout')).toBeGreaterThan(longest);
  expect(readSeconds('haproxy', 'timeout server')).toBeGreaterThan(longest);
});

function readSeconds(proxy: ProxyName, setting: string): number {
  const [, seconds] = new RegExp(`^ *${setting} (\\d+)s;?$`, 'm').exec(readProxyExample(proxy)) ?? [];
  return Number(seconds);
}
