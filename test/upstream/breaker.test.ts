// When the doubt is raised, when a probe may go, and how many may come back: at each limit and one past it.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Breaker } from '../../src/upstream/breaker.ts';
import type { Transport } from '../../src/upstream/transport.ts';
import { AnswerLostError, CircuitOpenError, NotSentError } from '../../src/upstream/upstream-errors.ts';
import { toProblem } from '../support/problem.ts';

/** The timers are those of the whole file. */
const ALONE = { concurrent: false };

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const FOREVER = { deadline: Number.POSITIVE_INFINITY };

/** A breaker before an upstream that answers with a status, or not at all. */
function start(slots = 50) {
  const upstream: { answer: number | Error; body: Buffer } = { answer: 200, body: Buffer.alloc(0) };
  const governor = { slots };
  const changes: boolean[] = [];
  const breaker = new Breaker(governor, (isOpen) => changes.push(isOpen));
  const transport: Transport = {
    async send() {
      const { answer } = upstream;
      if (answer instanceof Error) throw answer;
      const now = performance.now();
      return { status: answer, headers: {}, body: upstream.body, sentAt: now, receivedAt: now };
    },
  };
  const { send } = breaker.watch(transport);
  const ask = (path: string, answer: number | Error = 503, body = '') => {
    upstream.answer = answer;
    upstream.body = Buffer.from(body);
    return send({ method: 'GET', path, headers: {} }).catch(() => {});
  };
  const fail = async (count: number) => {
    for (let index = 0; index < count; index += 1) await ask(`/videos/video${index}`);
  };
  const probe = vi.fn(() => ask('/videos?currentPage=1&pageSize=1'));
  const probeAs = (answer: number | Error) =>
    probe.mockImplementation(() => ask('/videos?currentPage=1&pageSize=1', answer));
  return { breaker, governor, changes, ask, fail, probe, probeAs };
}

describe('the doubt', ALONE, () => {
  test('is raised by the fifth failure in a row, not by the fourth', async () => {
    const { breaker, fail, ask } = start();

    await fail(4);
    expect(breaker.isOpen).toBe(false);
    await ask('/videos?currentPage=1');
    expect(breaker.isOpen).toBe(true);
  });

  test.each([
    ['a 500', 500],
    ['a connection that cannot be had', new NotSentError('refused')],
    ['a lost answer', new AnswerLostError('reset', 0)],
    ['a 403 that is not upstream’s', 403],
    ['a 404 that is not upstream’s', 404],
  ])('is raised by %s', async (_name, failure) => {
    const { breaker, ask } = start();

    for (const id of ['a', 'b', 'c', 'd', 'e']) await ask(`/videos/${id}`, failure);

    expect(breaker.isOpen).toBe(true);
  });

  test.each([200, 204, 302, 401, 404, 429, 499])(
    'is not raised where upstream answers %i between',
    async (status) => {
      const { breaker, fail, ask } = start();

      await fail(4);
      await ask('/videos/answered', status, toProblem(status));
      await fail(4);

      expect(breaker.isOpen).toBe(false);
    },
  );

  test('is not raised by one video, whatever is asked of it and however often', async () => {
    const { breaker, ask } = start();

    for (let count = 0; count < 100; count += 1) {
      await ask('/videos/broken');
      await ask('/discarded/videos/broken');
    }

    expect(breaker.isOpen).toBe(false);
  });
});

describe('a probe', ALONE, () => {
  test('that is answered ends the doubt, and nobody has noticed', async () => {
    const { breaker, governor, fail, probe, probeAs, changes } = start();
    await fail(5);
    probeAs(200);

    await Promise.all([breaker.admit('read', FOREVER, probe), breaker.admit('write', FOREVER, probe)]);

    expect(probe).toHaveBeenCalledTimes(1);
    expect(governor.slots).toBe(50);
    expect(changes).toEqual([]);
  });

  test('is repeated once before it is believed, and then refuses everybody', async () => {
    const { breaker, fail, probe, changes } = start();
    await fail(5);

    const admitted = Array.from({ length: 20 }, () => breaker.admit('write', FOREVER, probe));

    for (const each of admitted) await expect(each).rejects.toThrow(CircuitOpenError);
    expect(probe).toHaveBeenCalledTimes(2);
    expect(changes).toEqual([true]);
  });

  test.each([
    ['the error of the request', new NotSentError('ENOTFOUND'), 'ENOTFOUND'],
    ['the status that came', 503, 'upstream answered 503 to GET /videos'],
  ])('refuses with the cause of the latest failure: %s', async (_name, failure, message) => {
    const { breaker, fail, probe, probeAs } = start();
    await fail(5);
    probeAs(failure);

    await expect(breaker.admit('write', FOREVER, probe)).rejects.toMatchObject({
      name: 'CircuitOpenError',
      cause: { message },
    });
  });

  test('is sent again after half a second, after one, two, four, and then every five', async () => {
    const { breaker, fail, probe } = start();
    await fail(5);
    const refuse = () => expect(breaker.admit('read', FOREVER, probe)).rejects.toThrow(CircuitOpenError);
    await refuse();

    for (const pauseMs of [500, 1_000, 2_000, 4_000, 5_000, 5_000]) {
      probe.mockClear();
      vi.advanceTimersByTime(pauseMs - 1);
      await refuse();
      expect(probe).not.toHaveBeenCalled();
      vi.advanceTimersByTime(1);
      await refuse();
      expect(probe).toHaveBeenCalledTimes(2);
    }
  });

  test('is sent a tenth of a second later for a read that settles what was sent', async () => {
    const { breaker, fail, probe } = start();
    await fail(5);
    const refuse = () => expect(breaker.admit('check', FOREVER, probe)).rejects.toThrow(CircuitOpenError);
    await refuse();
    probe.mockClear();

    vi.advanceTimersByTime(99);
    await refuse();
    expect(probe).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    await refuse();
    expect(probe).toHaveBeenCalledTimes(2);
  });

  test('without an answer is waited for a second by a write, and to the end by what settles one', async () => {
    const { breaker, fail, ask, probe } = start();
    await fail(5);
    const { promise: answered, resolve } = Promise.withResolvers<void>();
    probe.mockImplementation(() => answered.then(() => ask('/videos', 200)));

    const write = expect(breaker.admit('write', FOREVER, probe)).rejects.toThrow(CircuitOpenError);
    const check = breaker.admit('check', { deadline: performance.now() + 60_000 }, probe);
    await vi.advanceTimersByTimeAsync(1_000);
    await write;
    resolve();

    await expect(check).resolves.toBeUndefined();
  });

  test('is not waited for by a caller who has gone', async () => {
    const { breaker, fail, probe } = start();
    await fail(5);
    probe.mockImplementation(() => new Promise(() => {}));
    const client = new AbortController();
    const caller = { deadline: performance.now() + 60_000, signal: client.signal };

    const refused = expect(breaker.admit('check', caller, probe)).rejects.toThrow(CircuitOpenError);
    client.abort();

    await refused;
  });
});

test(
  'after an outage two may be sent at once, one more for each answer, and all in the end',
  ALONE,
  async () => {
    const { breaker, governor, ask, fail, probe, changes } = start(5);
    await fail(5);
    await breaker.admit('read', FOREVER, probe).catch(() => {});

    const slots: number[] = [];
    for (let count = 0; count < 6; count += 1) {
      await ask('/videos/any', 200);
      slots.push(governor.slots);
    }

    expect(slots).toEqual([2, 3, 4, 5, 5, 5]);
    expect(changes).toEqual([true, false]);
  },
);
