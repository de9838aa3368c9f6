import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { RecentMaximum } from '../../src/removal/recent-maximum.ts';
import { type Risk, RiskWindow } from '../../src/removal/risk-window.ts';
import { VideoRestore } from '../../src/removal/video-restore.ts';

/** The tests share the clock. */
const ALONE = { concurrent: false };

let now = 10_000;
beforeAll(() => void vi.stubGlobal('performance', { timeOrigin: 0, now: () => now }));
afterAll(() => void vi.unstubAllGlobals());
beforeEach(() => {
  now = 10_000;
});

const sent = () => ({ sentAt: now, upstreamSentAt: now });

function setUp(most = 4) {
  const videoRestore = new VideoRestore();
  videoRestore.secondDelete = 'refused';
  const onChange = vi.fn();
  const window = new RiskWindow({ videoRestore, most, onChange });
  /** Sends a deletion, which upstream answers at once. */
  const send = () => {
    const risk: Risk & { at: ReturnType<typeof sent> } = { isSent: true, endedAt: now, at: sent() };
    window.enter(risk);
    return risk;
  };
  /** A read that begins now proves a deletion. */
  const prove = (risk: ReturnType<typeof send>, delayMs = 0) => window.confirm(risk, risk.at, now, delayMs);
  return { window, videoRestore, onChange, send, prove };
}

describe('how many deletions may be unproved', ALONE, () => {
  test('one at first, and one more with each proof, up to the maximum', () => {
    const { window, send, prove } = setUp(4);
    const limits = [window.limit];
    for (let proofs = 0; proofs < 5; proofs += 1) {
      prove(send());
      limits.push(window.limit);
    }
    expect(limits).toEqual([1, 2, 3, 4, 4, 4]);
  });

  test('one again, two seconds after the last proof, if nothing is unproved', () => {
    const { window, send, prove } = setUp();
    prove(send());
    prove(send());
    now += 2_000;
    expect(window.limit).toBe(3);
    now += 1;
    expect(window.limit).toBe(1);
  });

  test('as many as before while one is unproved, however long that takes', () => {
    const { window, send, prove } = setUp();
    prove(send());
    send();
    now += 60_000;
    expect([window.limit, window.unproved, window.hasRoom]).toEqual([2, 1, true]);
  });

  test('one again, although some have their places: they were not sent', () => {
    const { window, send, prove } = setUp();
    prove(send());
    window.enter({ isSent: false, endedAt: undefined });
    now += 2_001;
    expect([window.limit, window.hasRoom]).toEqual([1, false]);
  });

  test('a proof counts from when its read began, not from when the answer came', () => {
    const { window, send } = setUp();
    const risk = send();
    const begunAt = now;
    now += 5_000;
    window.confirm(risk, risk.at, begunAt, 0);
    expect(window.limit).toBe(1);
  });

  test('a proof covers what was answered before it was sent, and nothing else', () => {
    const { window, send, prove } = setUp();
    prove(send());
    prove(send());
    send();
    now += 10;
    const later = send();
    now += 10;
    send();
    prove(later);
    expect(window.unproved).toBe(1);
  });

  test('a deletion that had no effect frees its place, and changes nothing else', () => {
    const { window, send } = setUp();
    const risk = send();
    expect(window.hasRoom).toBe(false);
    window.leave(risk);
    expect([window.hasRoom, window.limit]).toEqual([true, 1]);
  });
});

describe('a doubt', ALONE, () => {
  test('holds all others until that deletion is proved', () => {
    const { window, send, prove } = setUp();
    prove(send());
    prove(send());
    const doubted = send();
    window.doubt(doubted);
    expect(window.hasRoom).toBe(false);
    expect(window.isStopped).toBe(false);
    prove(doubted);
    expect(window.hasRoom).toBe(true);
  });

  test('is lifted by a deletion that was sent after it was answered', () => {
    const { window, send, prove } = setUp();
    prove(send());
    const doubted = send();
    now += 10;
    const later = send();
    window.doubt(doubted);
    prove(later);
    expect(window.hasRoom).toBe(true);
  });

  test('begins where every proof of the last minute needed less', () => {
    const { window, send, prove } = setUp();
    expect(window.isLate(0)).toBe(true);
    prove(send(), 700);
    expect([window.isLate(699), window.isLate(700)]).toEqual([false, true]);
    now += 60_001;
    expect(window.isLate(0)).toBe(true);
  });

  test('of a deletion that nobody can decide any more stops the project until a later proof', () => {
    const { window, send } = setUp();
    window.leaveUnknown(send());
    expect([window.isStopped, window.hasRoom]).toEqual([true, false]);
    window.prove({ sentAt: now - 1, upstreamSentAt: now - 1 });
    expect(window.isStopped).toBe(true);
    now += 1;
    window.prove(sent());
    expect([window.isStopped, window.hasRoom]).toEqual([false, true]);
  });

  test('does not come up if a later proof covers the deletion already', () => {
    const { window, send, prove } = setUp();
    prove(send());
    const first = send();
    now += 1;
    prove(send());
    window.leaveUnknown(first);
    expect(window.isStopped).toBe(false);
  });
});

describe('a destroyed video', ALONE, () => {
  test('stops the project until a probe decides', () => {
    const { window, videoRestore, send } = setUp();
    const risk = send();
    window.refute(risk.at);
    window.leave(risk);
    expect([window.isStopped, window.hasRoom, videoRestore.verdict()]).toEqual([true, false, 'unknown']);
    now += 10;
    window.prove(sent());
    expect([window.isStopped, videoRestore.verdict()]).toEqual([false, 'restorable']);
  });

  test('of the probe refuses for a minute', () => {
    const { window, videoRestore } = setUp();
    window.refute(sent(), true);
    expect([window.isStopped, videoRestore.verdict()]).toEqual([true, 'permanent']);
    now += 60_001;
    expect([window.isStopped, videoRestore.verdict()]).toEqual([true, 'unknown']);
  });

  test('of the probe refuses for that minute although deletions with ALLOW go on destroying', () => {
    const { window, videoRestore } = setUp();
    window.refute(sent(), true);
    now += 1_000;
    window.refute(sent());
    expect(videoRestore.verdict()).toBe('permanent');
    now += 59_001;
    window.refute(sent());
    expect(videoRestore.verdict()).toBe('unknown');
  });
});

describe('when to read a deleted video', ALONE, () => {
  test('as late as the latest proof needed, but one at a time at once, to see whether that has changed', () => {
    const { window, send, prove } = setUp();
    prove(send(), 400);
    const [scout, second, third] = [send(), send(), send()];
    expect([scout, second].map((each) => window.startVerifying(each))).toEqual([0, 400]);
    expect(window.isAwaited(scout)).toBe(true);
    prove(scout, 20);
    expect(window.startVerifying(third)).toBe(0);
    expect(window.startVerifying(send())).toBe(20);
  });

  test('at once where the delay is not worth a timer', () => {
    const { window, send, prove } = setUp();
    prove(send(), 9);
    expect([send(), send()].map((each) => window.startVerifying(each))).toEqual([0, 0]);
  });

  test('as late as before, after a proof that was not looked for any earlier', () => {
    const { window, send, prove } = setUp();
    prove(send(), 20);
    window.confirm(send(), sent(), now, undefined);
    window.startVerifying(send());
    expect(window.startVerifying(send())).toBe(20);
  });
});

test('tells of every change that lets others go or stops them', ALONE, () => {
  const { window, onChange, send, prove } = setUp();
  const acts = [
    () => prove(send()),
    () => window.leave(send()),
    () => window.leaveUnknown(send()),
    () => window.refute(sent()),
  ];
  for (const act of acts) {
    onChange.mockClear();
    act();
    expect(onChange).toHaveBeenCalled();
  }
});

test('the maximum of the last minute', ALONE, () => {
  const maximum = new RecentMaximum(60);
  expect(maximum.value(0)).toBe(0);
  for (const [value, at] of [
    [5, 0],
    [3, 10],
    [4, 20],
  ] as const)
    maximum.add(value, at);
  expect([maximum.value(60), maximum.value(61), maximum.value(80), maximum.value(81)]).toEqual([5, 4, 4, 0]);
});
