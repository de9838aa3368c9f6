// Row 45: the key server is down for an hour, or a day.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { HOUR, MINUTE, pass, SECOND, startWithKeyServer, takeClock } from '../support/hours-of-keys.ts';
import { type KeyServerFault, OUT_OF_ORDER, SILENT } from '../support/key-server.ts';

beforeEach(takeClock);

afterEach(() => {
  vi.restoreAllMocks();
});

describe('while the key server is down', { concurrent: false }, () => {
  test('the last keys hold for 24 hours and no longer, and the log, /ready and the metrics show it', async () => {
    await using started = await startWithKeyServer();
    const { keys, settle, ready, age, logged } = started;
    expect(await ready()).toMatchObject({ keys: { status: 'missing' } });
    expect(await age()).toBeUndefined();
    expect(await settle()).toBe(200);
    expect(await ready()).toMatchObject({ status: 'ready', keys: { status: 'fresh', ageSeconds: 0 } });
    expect(logged()).toEqual([]);

    keys.state.fault = OUT_OF_ORDER;
    for (let hours = 1; hours < 24; hours += 1) {
      pass(HOUR);
      expect(await settle()).toBe(200);
    }
    pass(HOUR - 5 * MINUTE);
    expect(await settle()).toBe(200);
    expect(logged()).toEqual([
      expect.stringMatching(
        /^The gateway could not fetch the keys .*\. The last ones hold until \d{4}-.*T.*Z$/,
      ),
    ]);
    expect(await ready()).toMatchObject({ status: 'ready', keys: { status: 'stale' } });
    expect(Number(await age())).toBeGreaterThan(23 * 3600);

    pass(6 * MINUTE);
    expect(await settle()).toBe(503);
    expect(await settle()).toBe(503);
    expect(logged()).toEqual([
      'The keys that verify tokens were last fetched 24 hours ago and no longer hold, so the gateway refuses requests',
    ]);
    expect(await ready()).toMatchObject({ status: 'ready', keys: { status: 'missing' } });
    expect(await age()).toBeUndefined();

    delete keys.state.fault;
    pass(5 * SECOND);
    expect(await settle()).toBe(200);
    expect(logged()).toEqual(['The keys that verify tokens can be fetched again']);
    expect(await ready()).toMatchObject({ keys: { status: 'fresh' } });
  });

  test('it is asked after pauses that grow to a minute, however many tokens come', async () => {
    await using started = await startWithKeyServer();
    const { keys, settle } = started;
    await settle();
    keys.state.fault = OUT_OF_ORDER;
    pass(4 * MINUTE);

    const fetches: number[] = [];
    for (let second = 0; second < 4 * 60; second += 2) {
      const before = keys.state.requests;
      expect(await settle()).toBe(200);
      if (keys.state.requests > before) fetches.push(second);
      expect(keys.state.requests - before).toBeLessThan(2);
      pass(2 * SECOND);
    }

    const pauses = fetches.slice(1).map((at, index) => at - (fetches[index] ?? 0));
    expect(pauses.slice(0, 4).every((pause, index) => pause <= 2 ** index + 2)).toBe(true);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(62);
    // Half a minute to a minute each, after six pauses that add up to a minute.
    expect(fetches.length).toBeGreaterThanOrEqual(2 + 7);
    expect(fetches.length).toBeLessThanOrEqual(7 + 7);
  });

  test('a gateway that has had no keys asks it again after pauses, and serves seconds after it is back', async () => {
    await using started = await startWithKeyServer();
    const { keys, ask, settle, logged } = started;
    keys.state.fault = OUT_OF_ORDER;
    const token = await keys.sign();
    const askOften = () => Promise.all(Array.from({ length: 50 }, () => ask(token)));

    expect(new Set([...(await askOften()), ...(await askOften())])).toEqual(new Set([503]));
    expect(keys.state.requests).toBe(1);
    for (let seconds = 0; seconds < 100; seconds += 5) {
      pass(5 * SECOND);
      expect(await settle()).toBe(503);
    }
    expect(keys.state.requests).toBe(1 + 20);
    delete keys.state.fault;
    pass(5 * SECOND);

    expect(await ask(token)).toBe(200);
    expect(logged()).toEqual([
      'The gateway could not fetch the keys that verify tokens, so it refuses requests',
      'The keys that verify tokens can be fetched again',
    ]);
  });

  test.each<[string, KeyServerFault]>([
    ['500', OUT_OF_ORDER],
    ['404', (response) => response.writeHead(404).end('{"keys":[]}')],
    ['a page', (response) => response.end('<html>Down for maintenance</html>')],
    ['nothing', (response) => response.end()],
    ['null', (response) => response.end('null')],
    ['{}', (response) => response.end('{}')],
    ['a list', (response) => response.end('[]')],
    ['keys that are no list', (response) => response.end('{"keys":{"0":{}}}')],
    ['keys that are null', (response) => response.end('{"keys":[null,7,"x",[]]}')],
    ['keys without a type', (response) => response.end('{"keys":[{},{"kid":"one"}]}')],
    ['keys without a value', (response) => response.end('{"keys":[{"kty":"EC","crv":"P-256","kid":"one"}]}')],
    ['half a set', (response) => response.end('{"keys":[{"kty":"EC"')],
    ['1,000 keys', (response) => response.end(JSON.stringify({ keys: Array(1000).fill({ kty: 'EC' }) }))],
    ['10 MB', (response) => response.end(`{"keys":[${'{},'.repeat(3_500_000)}{}]}`)],
    ['1 MB that is a set', (response) => response.end(`{"keys":[],"x":"${'x'.repeat(1024 * 1024)}"}`)],
    ['a body that is not compressed', (response) => response.setHeader('content-encoding', 'gzip').end('{}')],
    ['a redirect', (response) => response.writeHead(307, { location: '/elsewhere' }).end()],
    ['a reset', (response) => response.socket?.destroy()],
  ])('its answer replaces no good keys: %s', async (_name, fault) => {
    await using started = await startWithKeyServer();
    const { keys, settle, ready } = started;
    await settle();

    keys.state.fault = fault;
    pass(4 * MINUTE);
    await settle();

    expect(keys.state.requests).toBe(2);
    expect(await settle()).toBe(200);
    expect(await ready()).toMatchObject({ keys: { status: 'stale' } });
  });

  test('nobody waits for it, except after five minutes without a fetch', async () => {
    await using started = await startWithKeyServer();
    const { keys, ask, settle } = started;
    await settle();

    keys.state.fault = SILENT;
    pass(4 * MINUTE);
    for (let second = 0; second < 3; second += 1) expect(await ask(await keys.sign())).toBe(200);
    await eventually(() => expect(keys.state.requests).toBe(2));

    // Nobody's request has ended it: it is still open.
    expect(keys.sockets.size).toBe(1);
  });

  test('an unknown key is not known to be wrong: 503, which neither waits for it nor asks it', async () => {
    await using started = await startWithKeyServer();
    const { keys, ask, settle } = started;
    await settle();
    await keys.add('two', { isPublished: false });
    keys.state.fault = OUT_OF_ORDER;
    pass(4 * MINUTE);
    await settle();
    const before = keys.state.requests;
    keys.state.fault = SILENT;

    const statuses = new Set<number>();
    for (let index = 0; index < 50; index += 1) statuses.add(await ask(await keys.sign('two')));

    expect([...statuses]).toEqual([503]);
    expect(keys.state.requests).toBe(before);
    expect(await ask(await keys.sign())).toBe(200);
  });
});
