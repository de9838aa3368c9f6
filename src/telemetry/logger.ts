import type { WriteStream } from 'node:tty';
import { type Logger, pino } from 'pino';
import type { Config } from '../config/config.ts';

/** Hides credentials in log lines. */
const redact = {
  paths: ['*.authorization', '*.headers.authorization', 'apiKey', '*.apiKey'],
  censor: '[hidden]',
};

/** JSON lines on standard output, or readable lines if it is a terminal. */
export async function createLogger(
  level: Config['logLevel'],
  output: Pick<WriteStream, 'isTTY'>,
): Promise<Logger> {
  if (!output.isTTY) return pino({ level, redact });
  // Synchronous and in this thread, so that the last line appears before the process ends.
  const { PinoPretty } = await import('pino-pretty');
  const ignore = 'pid,hostname,url,upstream,signal';
  return pino({ level, redact }, PinoPretty({ sync: true, translateTime: 'SYS:HH:MM:ss', ignore }));
}
