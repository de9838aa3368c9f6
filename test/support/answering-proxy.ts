// An HTTP proxy in front of the gateway that answers some requests itself, as sign-in proxies and load balancers do, changes
// others, and keeps what it has seen.
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import { text } from 'node:stream/consumers';
import * as z from 'zod';
import { listen } from './listen.ts';

export type Seen = {
  readonly path: string;
  /** Of GraphQL. */
  readonly operation: string | undefined;
  readonly headers: IncomingHttpHeaders;
};

/** An answer of the proxy, or the headers with which it passes the request on. */
export type Decision =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }
  | { readonly passWith: IncomingHttpHeaders };

export type AnsweringProxy = {
  readonly url: string;
  readonly seen: Seen[];
  /** Undefined passes the request on as it is. */
  decide: (seen: Seen) => Decision | undefined;
  readonly close: () => Promise<void>;
};

const BODY = z.object({ operationName: z.string() });

export async function startAnsweringProxy(gatewayUrl: string): Promise<AnsweringProxy> {
  const server = createServer(async (message, response) => {
    const { method, headers, url: path = '/' } = message;
    const body = await text(message);
    const seen = { path, operation: readOperation(body), headers };
    proxy.seen.push(seen);
    const decision = proxy.decide(seen);
    if (decision && 'status' in decision) {
      response.writeHead(decision.status, decision.headers).end(decision.body);
      return;
    }
    const passed = request(
      new URL(path, gatewayUrl),
      { method, headers: decision?.passWith ?? headers, agent: false },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.on('error', () => response.destroy());
        answer.pipe(response);
      },
    );
    passed.on('error', () => response.destroy());
    response.on('close', () => passed.destroy());
    passed.end(body);
  });
  const listening = await listen(server);
  const proxy: AnsweringProxy = {
    url: `http://127.0.0.1:${listening.port}`,
    seen: [],
    decide: () => undefined,
    close: async () => await listening[Symbol.asyncDispose](),
  };
  return proxy;
}

function readOperation(body: string): string | undefined {
  if (body === '') return undefined;
  return BODY.safeParse(JSON.parse(body)).data?.operationName;
}
