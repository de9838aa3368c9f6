import type { WriteStream } from 'node:tty';
import { type Logger, pino } from 'pino';
import type { Config } from '../config/config.ts';

/** Credentials, wherever they stand in what is logged. */
const redact = {
  paths: ['*.authorization', '*.headers.authorization', 'apiKey', '*.apiKey'],
  censor: '[hidden]',
};

/** JSON lines on standard output, or readable lines where it is a terminal. */
export async function createLogger(
  level: Config['logLevel'],
  output: Pick<WriteStream, 'isTTY'>,
): Promise<Logger> {
  if (!output.isTTY) return pino({ level, redact });
  // In this thread, so that the last line stands there when the process ends; a machine needs no such care.
  const { PinoPretty } = await import('pino-pretty');
  const ignore = 'pid,hostname,url,upstream,signal';
  return pino({ level, redact }, PinoPretty({ sync: true, translateTime: 'SYS:HH:MM:ss', ignore }));
}
