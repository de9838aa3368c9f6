// A further gateway in front of a sandbox that another test gateway, or an earlier process, works on too.
import { type Logger, pino } from 'pino';
import type { OperationStoreSettings } from '../../src/config/config.ts';
import { readConfig } from '../../src/config/read-config.ts';
import { createGateway, type Gateway } from '../../src/gateway.ts';
import type { Sandbox } from '../../src/sandbox/server.ts';
import { createPost, type TestGateway } from './test-gateway.ts';

export type KeptGateway = AsyncDisposable & Pick<TestGateway, 'post'> & { readonly gateway: Gateway };

export type KeptGatewayOptions = {
  readonly store: OperationStoreSettings;
  readonly env?: Record<string, string>;
  readonly logger?: Logger;
};

/** Starts it; `await using`, or its disposal, ends it as SIGTERM would, so that a later one can go on. */
export async function startKeptGateway(
  { url }: Pick<Sandbox, 'url'>,
  { store, env, logger }: KeptGatewayOptions,
): Promise<KeptGateway> {
  const config = readConfig(
    { APIVIDEO_API_KEY: 'sandbox-key', APIVIDEO_BASE_URL: url, ...env },
    { sandbox: false },
  );
  const gateway = await createGateway(
    { ...config, upstreamLagMs: 300, operations: { ...config.operations, store } },
    logger ?? pino({ level: 'silent' }),
  );
  gateway.readiness.status = 'ready';
  return {
    gateway,
    post: createPost(gateway),
    async [Symbol.asyncDispose]() {
      gateway.drain();
      await gateway.close();
    },
  };
}
