// The one table of the benchmark, as Markdown, which reads as well at a terminal.

export type Row = {
  readonly what: string;
  readonly yardstickName: string;
  /** Undefined where there was nothing to compare with; `note` says why. */
  readonly compared: Compared | undefined;
  readonly unit: (value: number) => string;
  readonly note?: string;
};

/** What it took the gateway, what it took the yardstick, and the one divided by the other: below 1 it took less. */
export type Compared = { readonly gateway: number; readonly yardstick: number; readonly ratio: number };

export const ms = (value: number) =>
  value >= 10_000 ? `${toNumber(value / 1000, 1)} s` : `${toNumber(value, value < 100 ? 1 : 0)} ms`;
export const micros = (value: number) => `${toNumber(value, 0)} µs`;
export const megabytes = (value: number) => `${toNumber(value / 1024 / 1024, 0)} MB`;
export const toText = (value: number) => toNumber(value, 0);
export const times = (value: number) => `× ${toNumber(value, 1)}`;

export function toCompared(gateway: number, yardstick: number): Compared {
  return { gateway, yardstick, ratio: gateway / yardstick };
}

const HEAD = ['what', 'gateway', 'yardstick', 'it took', 'ratio'];

export function renderTable(rows: readonly Row[]): string {
  const lines = rows.map(({ what, yardstickName, compared, unit, note }) =>
    compared
      ? [what, unit(compared.gateway), yardstickName, unit(compared.yardstick), toRatio(compared.ratio)]
      : [what, '–', yardstickName, note ?? '–', '–'],
  );
  const widths = HEAD.map((head, column) =>
    Math.max(head.length, ...lines.map((line) => line[column]?.length ?? 0)),
  );
  const isText = (column: number) => column === 0 || column === 2;
  const pad = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => (isText(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`;
  const rule = `|${widths.map((width, column) => (isText(column) ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [pad(HEAD), rule, ...lines.map(pad)].join('\n');
}

function toRatio(ratio: number): string {
  return ratio.toFixed(ratio < 0.1 ? 3 : 2);
}

function toNumber(value: number, digits: number): string {
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
