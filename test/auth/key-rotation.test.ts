// When a key that the key server withdraws is refused, when a new one is accepted, and how often the key server is asked.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { HOUR, pass, SECOND, startWithKeyServer, takeClock } from '../support/hours-of-keys.ts';
import { OUT_OF_ORDER } from '../support/key-server.ts';

beforeEach(takeClock);

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe('while the key server answers', { concurrent: false }, () => {
  test('it is asked every four minutes while tokens come, and never without', async () => {
    await using started = await startWithKeyServer();
    const { keys, settle, age } = started;
    await settle();

    for (let seconds = 0; seconds < 1200; seconds += 30) {
      pass(30 * SECOND);
      await settle();
      expect(Number(await age())).toBeLessThanOrEqual(240);
    }
    expect(keys.state.requests).toBeGreaterThanOrEqual(1 + 4);
    expect(keys.state.requests).toBeLessThanOrEqual(1 + 5);

    const before = keys.state.requests;
    pass(HOUR);
    expect(Number(await age())).toBeGreaterThanOrEqual(3600);
    expect(keys.state.requests).toBe(before);
  });

  test.each([
    ['while tokens come', 10],
    ['after an hour without', 3600],
    ['after two days without', 48 * 3600],
  ])('a key that it withdraws is refused after five minutes at the latest, %s', async (_name, seconds) => {
    await using started = await startWithKeyServer();
    const { keys, ask, settle, logged } = started;
    await settle();
    const stolen = await keys.sign('one');
    await keys.add('two');
    keys.state.keys.shift();

    for (let passed = 0; passed < 300; passed += seconds) {
      pass(seconds * SECOND);
      await ask(await keys.sign('two'));
      await keys.settle();
    }

    expect(await Promise.all([ask(stolen), ask(stolen)])).toEqual([401, 401]);
    expect(await ask(await keys.sign('two'))).toBe(200);
    expect(logged()).toEqual([]);
  });

  test('all callers that come at once after an hour wait for the same fetch', async () => {
    await using started = await startWithKeyServer();
    const { keys, ask, settle } = started;
    await settle();
    const stolen = await keys.sign('one');
    keys.state.keys = [];
    pass(HOUR);

    const statuses = await Promise.all(Array.from({ length: 50 }, () => ask(stolen)));

    expect(new Set(statuses)).toEqual(new Set([401]));
    expect(keys.state.requests).toBe(2);
  });

  test('a new key is accepted at once, and unknown ones make it be asked once in 30 seconds', async () => {
    await using started = await startWithKeyServer();
    const { keys, ask, settle } = started;
    await settle();
    pass(SECOND);
    await keys.add('two');
    expect(await ask(await keys.sign('two'))).toBe(200);
    expect(keys.state.requests).toBe(2);

    const flood = async () => {
      const kids = Array.from({ length: 100 }, (_, index) => `made-up-${index}`);
      const tokens = await Promise.all(kids.map((kid) => keys.sign('one', { kid })));
      const statuses = [...(await Promise.all(tokens.map(ask))), await ask(tokens[0] ?? '')];
      expect(new Set(statuses)).toEqual(new Set([401]));
    };
    await flood();
    expect(keys.state.requests).toBe(2);
    for (let round = 1; round <= 3; round += 1) {
      pass(30 * SECOND);
      await flood();
      expect(keys.state.requests).toBe(2 + round);
    }

    await keys.add('three');
    expect(await ask(await keys.sign('three'))).toBe(401);
    pass(30 * SECOND);
    expect(await ask(await keys.sign('three'))).toBe(200);
  });

  test('a token with an unknown key costs no second fetch right after the first', async () => {
    await using started = await startWithKeyServer();
    const { keys, ask } = started;
    expect(await ask(await keys.sign('one', { kid: 'made-up' }))).toBe(401);
    expect(keys.state.requests).toBe(1);
  });

  test.each([
    ['forward', 48 * HOUR],
    ['back', -48 * HOUR],
  ])('a clock that jumps two days %s ends no key', async (_name, jumpMs) => {
    await using started = await startWithKeyServer();
    const { keys, ask, settle, ready } = started;
    await settle();
    keys.state.fault = OUT_OF_ORDER;

    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + jumpMs });

    expect(await ask(await keys.sign())).toBe(200);
    expect(keys.state.requests).toBe(1);
    expect(await ready()).toMatchObject({ keys: { status: 'fresh' } });
  });
});
