// Warnings that strangers can cause are few, and come again after an hour.
import { expect, test, vi } from 'vitest';
import { createLogOnce } from '../../src/telemetry/log-once.ts';
import { captureLog } from '../support/capture-log.ts';

test('logs each kind once an hour, says where it stops, and begins again', { concurrent: false }, () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  try {
    const { logger, lines } = captureLog('warn');
    const warnOnce = createLogOnce(logger);

    for (let round = 0; round < 2; round += 1)
      for (let index = 0; index < 500; index += 1) warnOnce(`host${index}`, `refused host${index}`);
    expect(lines).toHaveLength(101);
    expect(lines[99]?.msg).toBe('refused host99');
    expect(lines[100]?.msg).toBe('refused host100; for an hour, others like this are not logged');

    vi.advanceTimersByTime(3_600_000);
    warnOnce('host499', 'refused host499');
    expect(lines.at(-1)?.msg).toBe('refused host499');
  } finally {
    vi.useRealTimers();
  }
});
