// A gateway in front of a sandbox of its own, for tests: asked by typed documents, judged by what the sandbox saw.
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql';
import { type Logger, pino } from 'pino';
import { onTestFinished } from 'vitest';
import { readConfig } from '../../src/config/read-config.ts';
import { createGateway, type Gateway } from '../../src/gateway.ts';
import { createSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/server.ts';

export type ClientError = {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: Readonly<Record<string, unknown>>;
};

export type TestGateway = {
  readonly sandbox: Sandbox;
  readonly gateway: Gateway;
  /** Posts an operation as a client would, and answers `data`; fails where there are errors. */
  execute<Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables): Promise<Data>;
  /** The same for an operation that is expected to have errors, or for one without a typed document. */
  post(
    body: unknown,
    init?: RequestInit,
  ): Promise<{ status: number; data: unknown; errors: readonly ClientError[] }>;
  /** What the sandbox saw of single videos, as `METHOD /path`: of these, or of any. */
  calls(ids?: readonly string[]): string[];
};

/** Starts both; they end with the test. `env` are the gateway's own settings; by default it logs nothing. */
export async function startTestGateway(
  options: SandboxOptions & { env?: Record<string, string>; logger?: Logger } = {},
): Promise<TestGateway> {
  const { env, logger, ...sandboxOptions } = options;
  const sandbox = await createSandbox(sandboxOptions);
  const config = readConfig(
    { APIVIDEO_API_KEY: sandboxOptions.apiKey ?? 'sandbox-key', APIVIDEO_BASE_URL: sandbox.url, ...env },
    { sandbox: false },
  );
  const gateway = await createGateway(
    config,
    logger ?? pino({ level: process.env.TEST_LOG_LEVEL ?? 'silent' }),
  );
  gateway.readiness.status = 'ready';
  onTestFinished(async () => {
    await sandbox.close();
    await gateway.close();
  });

  const post: TestGateway['post'] = async (body, init) => {
    const response = await gateway.fetch('http://127.0.0.1/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(body),
      ...init,
    });
    const json = readAnswer(await response.json());
    return { status: response.status, ...json };
  };

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
  };
}

function readAnswer(json: unknown): { data: unknown; errors: readonly ClientError[] } {
  if (typeof json !== 'object' || json === null) throw new Error('expected an object as the answer');
  const data = 'data' in json ? json.data : undefined;
  const errors = 'errors' in json && Array.isArray(json.errors) ? json.errors : [];
  return { data, errors };
}
