// The rows of the check as a table for people, 100 columns wide, and their sum in one sentence.
import type { CheckRow, Status } from './finding.ts';
import type { Report } from './run-checks.ts';

const WIDTH = 100;
const CHECK_WIDTH = 22;
const STATUS_WIDTH = 13;
const TEXT_WIDTH = WIDTH - CHECK_WIDTH - STATUS_WIDTH;

export const TABLE_HEAD = `${'check'.padEnd(CHECK_WIDTH)}${'result'.padEnd(STATUS_WIDTH)}found, and what follows
${'-'.repeat(CHECK_WIDTH - 2)}  ${'-'.repeat(STATUS_WIDTH - 2)}  ${'-'.repeat(TEXT_WIDTH)}
`;

export function printRow({ check, status, found, follows }: CheckRow): string {
  const lines = [...wrap(found, ''), ...(follows === '' ? [] : wrap(follows, '→ '))];
  return lines
    .map((line, index) => {
      const [name, result] = index === 0 ? [check, status] : ['', ''];
      return `${name.padEnd(CHECK_WIDTH)}${result.padEnd(STATUS_WIDTH)}${line}\n`;
    })
    .join('');
}

export function printSum({ rows, sent, requestId }: Report): string {
  const count = (status: Status) => rows.filter((row) => row.status === status).length;
  return `
${count('as assumed')} as assumed, ${count('differs')} differ, ${count('not checked')} could not be checked.
${sent.read} reads and ${sent.write} writes, all with the header x-request-id: ${requestId}
`;
}

/** Breaks at blanks; a longer word, such as a path, stays whole. */
function wrap(text: string, mark: string): string[] {
  const lines: string[] = [];
  let line = mark;
  for (const word of text.split(' ')) {
    const isEmpty = line.trim() === mark.trim();
    if (!isEmpty && line.length + word.length + 1 > TEXT_WIDTH) {
      lines.push(line);
      line = ' '.repeat(mark.length) + word;
    } else line += isEmpty ? word : ` ${word}`;
  }
  return [...lines, line];
}
