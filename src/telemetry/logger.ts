import type { WriteStream } from 'node:tty';
import { type Logger, pino } from 'pino';
import type { Config } from '../config/config.ts';
import { LogOutput } from './log-output.ts';

/** Hides credentials in log lines. */
const redact = {
  paths: ['*.authorization', '*.headers.authorization', 'apiKey', '*.apiKey'],
  censor: '[hidden]',
};

/**
 * JSON lines on standard output, or readable lines if it is a terminal. They are written in this thread, as they come;
 * if they cannot be written, `LogOutput` lets them wait and never the process.
 *
 * @param output - `process.stdout`, or `process.stderr`.
 */
export async function createLogger(
  level: Config['logLevel'],
  output: Pick<WriteStream, 'isTTY'> & { readonly fd?: number },
): Promise<Logger> {
  const destination = new LogOutput(output.fd ?? 1, {
    ...(output.isTTY && { format: await loadFormat() }),
    onUnstuck: (stuckMs, lost) =>
      logger.error(
        { stuckMs: Math.round(stuckMs), lost },
        'lines of the log could not be written for a while; lost counts those that are missing',
      ),
  });
  const logger = pino({ level, redact }, destination);
  return logger;
}

/** The output of a logger by `createLogger`, or of its child; undefined for any other logger. */
export function findLogOutput(logger: Logger): LogOutput | undefined {
  const destination: unknown = Reflect.get(logger, pino.symbols.streamSym);
  return destination instanceof LogOutput ? destination : undefined;
}

async function loadFormat(): Promise<(line: string) => string> {
  const { prettyFactory } = await import('pino-pretty');
  const ignore = 'pid,hostname,url,upstream,signal';
  return prettyFactory({ translateTime: 'SYS:HH:MM:ss', ignore });
}
