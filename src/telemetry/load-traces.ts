// Loads the tracing libraries for a gateway that sends traces. Any other does not pay for them.
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import type { Traces } from './opentelemetry.ts';

/** Undefined if it sends none. */
export async function loadTraces(
  { traces, baseUrl, proxies }: Config,
  route: string,
  logger: Logger,
): Promise<Traces | undefined> {
  if (!traces) return undefined;
  const { createTraces } = await import('./opentelemetry.ts');
  return createTraces(traces, { baseUrl, route, proxies }, logger);
}
