// An HTTP proxy in front of the gateway that loses answers on request: the gateway has acted by then, and the client gets
// the beginning of an answer, then a closed connection. A browser does not send such a request again by itself.
import { createServer, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { listen } from './listen.ts';

export type LosingProxy = {
  readonly url: string;
  /** Loses the answer to the next request whose body matches. Resolves once the gateway has answered it and the client has not heard. */
  loseNext(body: RegExp): Promise<void>;
  readonly close: () => Promise<void>;
};

export async function startLosingProxy(gatewayUrl: string): Promise<LosingProxy> {
  const pending: { body: RegExp; lost: () => void }[] = [];

  const server = createServer(async (message, response) => {
    const { method, headers, url = '/' } = message;
    const body = await text(message);
    const at = pending.findIndex((each) => each.body.test(body));
    const [loss] = at === -1 ? [] : pending.splice(at, 1);
    const passed = request(new URL(url, gatewayUrl), { method, headers, agent: false }, async (answer) => {
      const { statusCode = 500 } = answer;
      if (loss) {
        await text(answer);
        response.writeHead(statusCode, { 'content-type': 'application/json', 'content-length': '1000' });
        response.write('{', () => {
          response.destroy();
          loss.lost();
        });
        return;
      }
      response.writeHead(statusCode, answer.headers);
      answer.on('error', () => response.destroy());
      answer.pipe(response);
    });
    passed.on('error', () => response.destroy());
    // A client that ends its stream ends it at the gateway too.
    response.on('close', () => passed.destroy());
    passed.end(body);
  });
  const listening = await listen(server);
  return {
    url: `http://127.0.0.1:${listening.port}`,
    loseNext(body) {
      const { promise, resolve } = Promise.withResolvers<void>();
      pending.push({ body, lost: resolve });
      return promise;
    },
    async close() {
      await listening[Symbol.asyncDispose]();
    },
  };
}
