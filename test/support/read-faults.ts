// The faults of a configuration, as a list.
import { ConfigError, readConfig } from '../../src/config/read-config.ts';

/** The lines of the message, or none if the configuration is accepted. */
export function readFaults(env: Record<string, string>, sandbox = false): string[] {
  try {
    readConfig(env, { sandbox });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const [title, ...faults] = error.message.split('\n');
    if (title !== 'The configuration is wrong:') throw error;
    return faults.map((fault) => fault.trim());
  }
}
