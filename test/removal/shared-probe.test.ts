// Who probes, and who gets whose result, when several calls need the probe at once.
import { expect, test } from 'vitest';
import { failed, notAttempted } from '../../src/removal/outcomes.ts';
import type { ProbeCall, ProbeEnd } from '../../src/removal/probe.ts';
import { SharedProbe } from '../../src/removal/shared-probe.ts';

const UNAVAILABLE = failed('UPSTREAM_UNAVAILABLE');
const NOT_ATTEMPTED = notAttempted('rateLimit');
const LEFT = notAttempted('clientGone');
const TOO_LATE = notAttempted('proof');
const OF_UPSTREAM: ProbeEnd = { result: UNAVAILABLE, isOfCall: false };
const OF_CALL: ProbeEnd = { result: NOT_ATTEMPTED, isOfCall: true };
const RESTORABLE: ProbeEnd = { result: 'restorable', isOfCall: false };

/** A shared probe whose ends the test decides. */
function createProbe() {
  const begun: { readonly call: ProbeCall; end(end: ProbeEnd): void; fail(error: Error): void }[] = [];
  const shared = new SharedProbe((call) => {
    const { promise, resolve, reject } = Promise.withResolvers<ProbeEnd>();
    begun.push({ call, end: resolve, fail: reject });
    return promise;
  });
  return { shared, begun };
}

function createCall(signal = new AbortController().signal): ProbeCall {
  const caller = { deadline: performance.now() + 30_000, signal };
  return { write: caller, look: caller, check: caller };
}

/** All that can happen without time has happened. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('a probe that upstream fails is the answer for all six calls that waited for it', async () => {
  const { shared, begun } = createProbe();
  const results = Promise.all(Array.from({ length: 6 }, () => shared.run(createCall())));
  begun[0]?.end(OF_UPSTREAM);

  expect(await results).toEqual(Array.from({ length: 6 }, () => UNAVAILABLE));
  expect(begun).toHaveLength(1);
});

test('a probe that failed by its own call is begun anew by the next one, and the others wait for that', async () => {
  const { shared, begun } = createProbe();
  const calls = [createCall(), createCall(), createCall(), createCall()];
  const results = Promise.all(calls.map((call) => shared.run(call)));
  begun[0]?.end(OF_CALL);
  await turn();
  begun[1]?.end(OF_CALL);
  await turn();
  begun[2]?.end(RESTORABLE);

  expect(await results).toEqual([NOT_ATTEMPTED, NOT_ATTEMPTED, 'restorable', 'restorable']);
  expect(begun.map(({ call }) => calls.indexOf(call))).toEqual([0, 1, 2]);
});

test('a call that left, or is out of time, gets no turn', async () => {
  const { shared, begun } = createProbe();
  const client = new AbortController();
  const late = createCall();
  const first = shared.run(createCall());
  const left = shared.run(createCall(client.signal));
  const tooLate = shared.run({ ...late, write: { ...late.write, deadline: performance.now() } });
  const last = createCall();
  const answer = shared.run(last);
  client.abort();
  begun[0]?.end(OF_CALL);
  await turn();
  begun[1]?.end(RESTORABLE);

  expect(await Promise.all([first, left, tooLate, answer])).toEqual([
    NOT_ATTEMPTED,
    LEFT,
    TOO_LATE,
    'restorable',
  ]);
  expect(begun.map(({ call }) => call)[1]).toBe(last);
  expect(begun).toHaveLength(2);
});

test('a call whose turn comes as it leaves passes the turn on', async () => {
  const { shared, begun } = createProbe();
  const client = new AbortController();
  const first = shared.run(createCall());
  const leaving = shared.run(createCall(client.signal));
  const last = shared.run(createCall());
  begun[0]?.end(OF_CALL);
  // In the same turn of the loop, before and after the turn is handed on.
  queueMicrotask(() => queueMicrotask(() => client.abort()));
  await turn();
  begun.at(-1)?.end(RESTORABLE);

  expect(await Promise.all([first, last])).toEqual([NOT_ATTEMPTED, 'restorable']);
  expect(await leaving).toEqual(LEFT);
});

test('a signal that never says that it is aborted does not keep a call waiting, or probing', async () => {
  const { shared, begun } = createProbe();
  const client = new AbortController();
  Object.defineProperty(client.signal, 'aborted', { value: false });
  const first = shared.run(createCall());
  const leaving = shared.run(createCall(client.signal));
  client.abort();

  // Its signal denies that the client has left, so that is not known.
  expect(await leaving).toEqual(TOO_LATE);
  expect(begun).toHaveLength(1);
  begun[0]?.end(RESTORABLE);
  expect(await first).toBe('restorable');
});

test('a probe that throws leaves nobody waiting', async () => {
  const { shared, begun } = createProbe();
  const first = shared.run(createCall());
  const second = shared.run(createCall());
  begun[0]?.fail(new Error('a fault of the gateway'));

  await expect(first).rejects.toThrow('a fault of the gateway');
  await turn();
  begun[1]?.end(RESTORABLE);
  expect(await second).toBe('restorable');
  const third = shared.run(createCall());
  begun[2]?.end(RESTORABLE);
  expect(await third).toBe('restorable');
});
