// A gateway with a key server, for hours that pass at once: by the clock that waits use, `performance.now()`.
import { expect, vi } from 'vitest';
import { captureLog } from './capture-log.ts';
import { startJwtGateway } from './issue-jwt.ts';
import { startKeyServer } from './key-server.ts';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

let nowMs = 0;
/** Lets time pass, which stands still otherwise. */
export const pass = (ms: number) => {
  nowMs += ms;
};

/** Takes the clock over; `vi.restoreAllMocks` gives it back. Timers go on. */
export function takeClock(): void {
  nowMs = Math.ceil(performance.now());
  vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
}

export async function startWithKeyServer() {
  const { logger, lines } = captureLog('info');
  const keys = await startKeyServer();
  const started = await startJwtGateway({ JWT_JWKS_URL: keys.url, METRICS: 'on' }, logger);
  const { gateway } = started;
  const ask = async (token: string) => (await started.ask(token, '{ viewer { canRead } }')).status;
  const fetchText = async (path: string) => (await gateway.fetch(`http://127.0.0.1${path}`)).text();
  return {
    keys,
    ask,
    /** Asks with a good token, and waits until a fetch in the background has ended. */
    async settle() {
      const status = await ask(await keys.sign());
      await keys.settle();
      return status;
    },
    ready: async () => JSON.parse(await fetchText('/ready')),
    async age() {
      const text = await fetchText('/metrics');
      expect(text).toContain('# TYPE apivideo_graphql_jwks_age_seconds gauge');
      return /^apivideo_graphql_jwks_age_seconds (\S+)$/m.exec(text)?.[1];
    },
    /** The lines about keys, since the last call. */
    logged: () =>
      lines
        .splice(0)
        .filter(({ msg }) => msg.includes('keys that verify'))
        .map(({ msg }) => msg),
    async [Symbol.asyncDispose]() {
      await started[Symbol.asyncDispose]();
      await keys[Symbol.asyncDispose]();
    },
  };
}
