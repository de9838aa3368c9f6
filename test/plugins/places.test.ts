// Who loses a place or its memory to whom.
import { expect, test } from 'vitest';
import { toNetwork } from '../../src/config/addresses.ts';
import { Places } from '../../src/plugins/places.ts';

const MIB = 1024 * 1024;

/** Takes places for named requests, and notes in which order they are closed. */
function createPlaces(limit: number, maxWaitingBytes = 100 * MIB) {
  const places = new Places(limit, maxWaitingBytes);
  const closed: string[] = [];
  return {
    closed,
    take(client: string, name = client) {
      const place = places.take(client);
      if (!place) throw new Error(`no place for ${name}`);
      return { ...place, wait: (bytes = 0) => place.wait(bytes, () => closed.push(name)) };
    },
    isFull: () => places.take('newcomer') === undefined,
  };
}

test('nobody loses a place while the gateway works on all requests', () => {
  const { take, isFull, closed } = createPlaces(2);
  take('a');
  const second = take('b');
  expect(isFull()).toBe(true);

  second.wait();
  second.proceed();
  expect(isFull()).toBe(true);

  second.leave();
  expect(isFull()).toBe(false);
  expect(closed).toEqual([]);
});

test('a newcomer takes the place of the longest wait of the client with the most waits', () => {
  const { take, closed } = createPlaces(5);
  take('good', 'good 1').wait();
  take('bad', 'bad 1').wait();
  const again = take('bad', 'bad 2');
  again.wait();
  take('bad', 'bad 3').wait();
  take('busy');
  // Progress: it waits for less time than the third now.
  again.wait();

  const newcomers = ['n1', 'n2', 'n3', 'n4'].map((name) => take(name));

  expect(closed).toEqual(['bad 1', 'bad 3', 'good 1', 'bad 2']);
  for (const newcomer of newcomers) newcomer.leave();
});

test('one client that waits in every place leaves room for each newcomer, and takes none from those that are served', () => {
  const { take, closed } = createPlaces(100);
  const served = take('good');
  for (let count = 0; count < 1_000; count += 1) take('bad', `bad ${count}`).wait();

  expect(closed).toHaveLength(901);
  expect(closed).not.toContain('good');
  served.leave();
});

test('a place that was lost is given back once, and waits no more', () => {
  const { take, isFull, closed } = createPlaces(1);
  const slow = take('slow');
  slow.wait();
  const next = take('next');

  slow.wait();
  slow.proceed();
  slow.leave();

  expect(closed).toEqual(['slow']);
  expect(isFull()).toBe(true);
  next.leave();
  expect(isFull()).toBe(false);
});

test('the bytes of all waits stay within the limit, at the cost of the client with the most', () => {
  const { take, closed } = createPlaces(1_000, 10 * MIB);
  take('good').wait(2 * MIB);
  for (let count = 1; count <= 8; count += 1) take('bad', `bad ${count}`).wait(3 * MIB);

  expect(closed).toEqual(['bad 1', 'bad 2', 'bad 3', 'bad 4', 'bad 5', 'bad 6']);
});

test('an answer larger than the limit is not closed for its size, but for the next', () => {
  const { take, closed } = createPlaces(10, 10 * MIB);
  const large = take('large');
  large.wait(30 * MIB);
  large.wait(30 * MIB);
  expect(closed).toEqual([]);

  take('next').wait(1);

  expect(closed).toEqual(['large']);
});

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:0db8:0001:0002::9', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['2001:db8:1::1:2:3:4', '2001:db8:1:0'],
  ['::1', '0:0:0:0'],
  ['::', '0:0:0:0'],
  ['64:ff9b::192.0.2.1', '64:ff9b:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  [undefined, ''],
])('a client with the address %s is the network %s', (address, network) => {
  expect(toNetwork(address)).toBe(network);
});
