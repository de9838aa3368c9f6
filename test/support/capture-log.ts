// A logger whose lines the test reads, as an operator would read standard output.
import { type Level, type Logger, pino } from 'pino';

export type LogLine = { readonly level: number; readonly msg: string; readonly [field: string]: unknown };

export function captureLog(level: Level): { logger: Logger; lines: LogLine[]; text: () => string } {
  const lines: LogLine[] = [];
  const texts: string[] = [];
  const write = (text: string) => {
    texts.push(text);
    lines.push(JSON.parse(text));
  };
  return { logger: pino({ level }, { write }), lines, text: () => texts.join('') };
}
