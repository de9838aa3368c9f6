// A plain client for the tests of the sandbox: it retries nothing and hides nothing.
import * as http from 'node:http';
import * as z from 'zod';
import type { Sandbox } from '../../src/sandbox/server.ts';

export type Reply = { readonly status: number; readonly headers: Headers; readonly json: unknown };

export type Client = (method: string, path: string, body?: unknown) => Promise<Reply>;

/** Sends as HTTP Basic with the key, or with whatever Authorization header is given. */
export function createClient(sandbox: Pick<Sandbox, 'url'>, authorization = basic('sandbox-key')): Client {
  return async (method, path, body) => {
    const payload =
      body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
    const response = await fetch(sandbox.url + path, { method, headers: { authorization }, ...payload });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      json: text === '' ? undefined : JSON.parse(text),
    };
  };
}

export function basic(apiKey: string): string {
  return `Basic ${Buffer.from(`${apiKey}:`).toString('base64')}`;
}

const list = z.object({ data: z.array(z.object({ videoId: z.string() })) });

/** The ids of a list, in its order. */
export function readIds(reply: Reply): string[] {
  return list.parse(reply.json).data.map((video) => video.videoId);
}

const error = z.object({ type: z.string() });

/** The last part of the type link of a problem document. */
export function readType(reply: Reply): string | undefined {
  return error.parse(reply.json).type.split('/').at(-1);
}

export type RawReply = {
  readonly status: number | undefined;
  readonly headers: http.IncomingHttpHeaders;
  readonly chunks: readonly Buffer[];
  /** Whether all of the body came that was announced. */
  readonly complete: boolean;
};

/** One request on a connection of its own, seen as it comes. Rejects where no status line comes. */
export function sendRaw(
  sandbox: Sandbox,
  method: string,
  path: string,
  signal?: AbortSignal,
  body?: string,
): Promise<RawReply> {
  const { promise, resolve, reject } = Promise.withResolvers<RawReply>();
  const { hostname, port } = new URL(sandbox.url);
  const headers = { authorization: basic('sandbox-key') };
  const options = { hostname, port, method, path, headers, agent: false, ...(signal ? { signal } : {}) };
  const request = http.request(options, (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('error', () => {});
    response.on('close', () =>
      resolve({
        status: response.statusCode,
        headers: response.headers,
        chunks,
        complete: response.complete,
      }),
    );
  });
  request.on('error', reject);
  request.end(body);
  return promise;
}
