export async function time(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/**
 * The middle of both, and of their ratios round by round: a machine that is slow for a while is so for the yardstick too.
 * The yardstick may have had fewer rounds.
 */
export function compare(gateway: readonly number[], yardstick: readonly number[]) {
  return {
    gateway: median(gateway),
    yardstick: median(yardstick),
    ratio: median(yardstick.map((value, round) => (gateway[round] ?? Number.NaN) / value)),
  };
}
