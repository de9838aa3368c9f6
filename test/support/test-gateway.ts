// A gateway in front of its own sandbox. Tests send it typed documents, and check what the sandbox saw.
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql';
import { type Logger, pino } from 'pino';
import type { OperationStoreSettings } from '../../src/config/config.ts';
import { readConfig } from '../../src/config/read-config.ts';
import { createGateway, type Gateway } from '../../src/gateway.ts';
import type { Sandbox, SandboxOptions } from '../../src/sandbox/server.ts';
import { startSandbox } from './sandbox.ts';

export type ClientError = {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: Readonly<Record<string, unknown>>;
};

export type TestGateway = AsyncDisposable & {
  readonly sandbox: Sandbox;
  readonly gateway: Gateway;
  /** Posts an operation as a client would, and resolves with `data`; rejects if the answer has errors. */
  execute<Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables): Promise<Data>;
  /** The same for an operation that may have errors, or that has no typed document. */
  post(
    body: unknown,
    init?: RequestInit,
  ): Promise<{ status: number; data: unknown; errors: readonly ClientError[] }>;
  /** The requests for single videos that the sandbox saw, as `METHOD /path`: for these videos, or for any. */
  calls(ids?: readonly string[]): string[];
};

/** The options of the sandbox, and some of the gateway. */
export type TestGatewayOptions = SandboxOptions & {
  /** The gateway's own settings. */
  env?: Record<string, string>;
  /** By default, logs nothing; with TEST_LOG_LEVEL, logs to standard output. */
  logger?: Logger;
  /**
   * The lag that the gateway expects of upstream, instead of UPSTREAM_LAG_MS. It may be shorter than in a deployment, so
   * that tests wait less, but must stay well above `lagMs`, the sandbox's own lag.
   */
  upstreamLagMs?: number;
  /** Where the gateway keeps durable operations: by default as `env` says, so nowhere. */
  store?: OperationStoreSettings;
};

/** Starts both; `await using` closes them at the end of the test. */
export async function startTestGateway(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const { env, logger, upstreamLagMs, store, ...sandboxOptions } = options;
  const sandbox = await startSandbox(sandboxOptions);
  const config = readConfig(
    { APIVIDEO_API_KEY: sandboxOptions.apiKey ?? 'sandbox-key', APIVIDEO_BASE_URL: sandbox.url, ...env },
    { sandbox: false },
  );
  const gateway = await createGateway(
    {
      ...config,
      upstreamLagMs: upstreamLagMs ?? config.upstreamLagMs,
      operations: { ...config.operations, store: store ?? config.operations.store },
    },
    logger ?? pino({ level: process.env.TEST_LOG_LEVEL ?? 'silent' }),
  );
  gateway.readiness.status = 'ready';

  const post = createPost(gateway);

  return {
    sandbox,
    gateway,
    post,
    async execute<Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables) {
      const response = await gateway.fetch('http://127.0.0.1/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body: JSON.stringify({ query: print(document), variables }),
      });
      const { data, errors }: { data: Data; errors?: unknown } = JSON.parse(await response.text());
      if (errors) throw new Error(JSON.stringify(errors));
      return data;
    },
    calls: (ids) =>
      sandbox.requests
        .filter(({ videoId }) => videoId !== undefined && (!ids || ids.includes(videoId)))
        .map(({ method, path }) => `${method} ${path}`),
    async [Symbol.asyncDispose]() {
      await sandbox.close();
      await gateway.close();
    },
  };
}

/** What posts a body to a gateway. */
export function createPost(gateway: Pick<Gateway, 'fetch'>): TestGateway['post'] {
  return async (body, init) => {
    const response = await gateway.fetch('http://127.0.0.1/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(body),
      ...init,
    });
    const json = readAnswer(await response.json());
    return { status: response.status, ...json };
  };
}

function readAnswer(json: unknown): { data: unknown; errors: readonly ClientError[] } {
  if (typeof json !== 'object' || json === null) throw new Error('expected an object as the answer');
  const data = 'data' in json ? json.data : undefined;
  const errors = 'errors' in json && Array.isArray(json.errors) ? json.errors : [];
  return { data, errors };
}
