// Nobody would miss the operations that this gateway leaves alone in the log of a gateway that has other work.
import type { Logger } from 'pino';

/** @param depth - how many wait for a gateway of another project or host, and how many for one with another key. */
export function logOthers(
  logger: Logger,
  { foreign, locked }: { readonly foreign: number; readonly locked: number },
): void {
  if (foreign > 0)
    logger.warn(
      { operations: foreign },
      'operations of another project or host wait in this store: only a gateway for those goes on with them',
    );
  if (locked > 0)
    logger.warn(
      { operations: locked },
      'operations wait whose credentials this gateway cannot decrypt: only a gateway with the SECRET_KEY, or the file secret-key, of that time goes on with them',
    );
}
