// What becomes of log lines that cannot be written now.
import { openSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type LogHealth, LogOutput, type LostLines } from '../../src/telemetry/log-output.ts';
import { createLogger, findLogOutput } from '../../src/telemetry/logger.ts';
import { eventually } from '../support/eventually.ts';
import { createFifo, type Fifo } from '../support/fifo.ts';

const MB = 1024 * 1024;

function createOutput(fd: number) {
  const reports: LostLines[] = [];
  const output = new LogOutput(fd, { onUnstuck: (_ms, lost) => void reports.push(lost) });
  return { output, reports };
}

const toLine = (fields: object, length = 0) => `${JSON.stringify({ ...fields, pad: 'x'.repeat(length) })}\n`;

/** Reads until no line waits. */
async function readAll(fifo: Fifo, output: LogHealth | undefined): Promise<void> {
  await eventually(() => {
    fifo.read();
    expect(output?.isStuck).toBe(false);
  });
}

function readNumbers(text: string): number[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).n);
}

const count = (length: number) => Array.from({ length }, (_, n) => n);

describe('lines that a full pipe does not take', () => {
  test('wait, and come whole and in order once it is read', async () => {
    using fifo = createFifo();
    const { output, reports } = createOutput(fifo.fd);
    fifo.fill();

    // More than the pipe holds, longer than it takes whole, and of letters that take several bytes.
    for (const n of count(60)) output.write(toLine({ n, text: 'żółć 🎬'.repeat(300) }));

    expect(fifo.read()).toBe('');
    expect(await eventually(() => readNumbers(fifo.read()).length)).toBeGreaterThan(0);
    await eventually(() => expect(readNumbers(fifo.read())).toEqual(count(60)));
    expect(fifo.read().split('żółć 🎬')).toHaveLength(60 * 300 + 1);
    expect(output.lost).toEqual({ audit: 0, unsent: 0, other: 0 });
    expect([output.isStuck, reports]).toEqual([false, []]);
  });

  test('are lost beyond 4 MB, but for the audit, which has 16 MB more; and one report counts them', async () => {
    using fifo = createFifo();
    const { output, reports } = createOutput(fifo.fd);
    fifo.fill();
    const length = 10_000;
    const ofKind = { other: {}, audit: { audit: true, outcome: 'removed' } };
    const unsent = { audit: true, outcome: 'NOT_ATTEMPTED' };

    // A line of 10 KB; 5 MB of each kind.
    for (const n of count(500)) output.write(toLine({ n, ...ofKind.other }, length));
    for (const n of count(500)) output.write(toLine({ n: 1_000 + n, ...ofKind.audit }, length));
    for (const n of count(500)) output.write(toLine({ n: 2_000 + n, ...unsent }, length));

    expect(output.isStuck).toBe(true);
    const kept = Math.floor((4 * MB) / Buffer.byteLength(toLine({ n: 500 }, length)));
    const lost = { audit: 0, unsent: 500, other: output.lost.other };
    expect(output.lost).toEqual(lost);
    expect(Math.abs(500 - kept - lost.other)).toBeLessThan(3);
    await readAll(fifo, output);
    expect(readNumbers(fifo.read())).toEqual([
      ...count(500 - lost.other),
      ...count(500).map((n) => 1_000 + n),
    ]);
    expect(reports).toEqual([lost]);
  });

  test('are bounded even if nothing but audit lines comes', () => {
    using fifo = createFifo();
    const { output } = createOutput(fifo.fd);
    fifo.fill();
    const line = toLine({ audit: true, outcome: 'removed' }, 100_000);

    for (const _ of count(1_000)) output.write(line);

    const kept = Math.floor((20 * MB) / line.length);
    expect(output.lost).toEqual({ audit: 1_000 - kept, unsent: 0, other: 0 });
    expect(output.unwrittenAudits).toBe(1_000);
  });

  test('of any text are no audit lines unless the audit wrote them', () => {
    using fifo = createFifo();
    const { output } = createOutput(fifo.fd);
    fifo.fill();

    for (const _ of count(50)) output.write(toLine({ msg: '"audit":true' }, 100_000));

    expect(output.lost).toMatchObject({ audit: 0, other: expect.any(Number) });
    expect(output.lost.other).toBeGreaterThan(0);
  });
});

describe('the log', () => {
  test.each([
    ['its disk is full', () => ({ fd: openSync('/dev/full', 'w') })],
    [
      'its reader has left',
      () => {
        using fifo = createFifo();
        const output = createOutput(fifo.fd);
        fifo.leave();
        output.output.write(toLine({ n: 0 }));
        return output;
      },
    ],
  ])('is stuck at once if %s', (_name, create) => {
    const created = create();
    const output: LogHealth & { write(line: string): void } =
      'fd' in created ? new LogOutput(created.fd) : created.output;

    output.write(toLine({ n: 1 }));

    expect(output.isStuck).toBe(true);
  });

  test('goes on where it stopped if its reader comes back', async () => {
    using fifo = createFifo();
    const { output, reports } = createOutput(fifo.fd);
    output.write(toLine({ n: 0 }));
    fifo.read();
    fifo.leave();
    for (const n of [1, 2, 3]) output.write(toLine({ n }));
    expect(output.isStuck).toBe(true);

    fifo.comeBack();

    await eventually(() => expect(readNumbers(fifo.read())).toEqual([0, 1, 2, 3]));
    expect(output.isStuck).toBe(false);
    expect(reports).toEqual([{ audit: 0, unsent: 0, other: 0 }]);
  });

  test('is stuck if its reader takes nothing for five seconds, and not before', async () => {
    using fifo = createFifo();
    const { output, reports } = createOutput(fifo.fd);
    fifo.fill();
    const beganAt = performance.now();
    output.write(toLine({ n: 0 }));
    expect(output.isStuck).toBe(false);

    await eventually(() => expect(output.isStuck).toBe(true));

    expect(performance.now() - beganAt).toBeGreaterThan(5_000);
    await eventually(() => expect(readNumbers(fifo.read())).toEqual([0]));
    expect([output.isStuck, reports]).toEqual([false, [{ audit: 0, unsent: 0, other: 0 }]]);
  });
});

test.each([
  ['lines of JSON', false, /"level":50,.*"lost":\{"audit":0,"unsent":0,"other":[1-9]\d*\}.*could not be/],
  ['readable lines', true, /ERROR.*could not be written.*\n[\s\S]*"other": [1-9]\d*/],
])('a logger of %s waits for no reader, and reports the lost lines', async (_name, isTTY, report) => {
  using fifo = createFifo();
  const logger = await createLogger('info', { isTTY, fd: fifo.fd });
  fifo.fill();

  for (const n of count(60)) logger.info({ n, pad: 'x'.repeat(100_000) }, 'a long line');
  logger.child({ audit: true }).info({ outcome: 'removed' }, 'the audit line');

  const output = findLogOutput(logger.child({}));
  expect(output?.lost).toMatchObject({ audit: 0 });
  await readAll(fifo, output);
  expect(fifo.read().slice(-1_000)).toMatch(report);
  expect(fifo.read().slice(-1_000)).toContain('the audit line');
});

test('a flush waits for the lines, and gives up after a second if nobody reads them', async () => {
  using fifo = createFifo();
  const logger = await createLogger('info', { isTTY: false, fd: fifo.fd });
  const flush = () => new Promise<Error | undefined>((resolve) => logger.flush(resolve));
  logger.info('a line');
  expect(await flush()).toBeUndefined();
  fifo.fill();
  logger.info('another line');

  expect(await flush()).toBeInstanceOf(Error);

  const flushed = flush();
  fifo.read();
  expect(await flushed).toBeUndefined();
  expect(fifo.read()).toContain('another line');
});
