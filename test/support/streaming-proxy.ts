// An HTTP proxy in front of gateways that treats their streams of parts as some proxies do, and passes on everything else as it is.
import { createServer, request, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { listen } from './listen.ts';

/** What happens to a stream on its way to the browser. */
export type Manner = (answer: NodeJS.ReadableStream, response: ServerResponse) => void;

export const passOn: Manner = (answer, response) => answer.pipe(response);
export const cut: Manner = (_answer, response) => response.end();
export const holdBack: Manner = (answer, response) => {
  text(answer).then(
    (all) => response.end(all),
    () => response.destroy(),
  );
};

export type StreamingProxy = {
  readonly url: string;
  forwardTo(gatewayUrl: string): void;
  /** Breaks the streams that are open, as a gateway that ends does. */
  breakStreams(): void;
  readonly close: () => Promise<void>;
};

export async function startStreamingProxy(gatewayUrl: string, manner: Manner): Promise<StreamingProxy> {
  let target = gatewayUrl;
  const streams = new Set<ServerResponse>();
  const server = createServer((message, response) => {
    const { method, headers, url = '/' } = message;
    const passed = request(new URL(url, target), { method, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.on('error', () => response.destroy());
      if (!answer.headers['content-type']?.startsWith('multipart/mixed')) return void answer.pipe(response);
      streams.add(response);
      manner(answer, response);
    });
    response.on('close', () => {
      streams.delete(response);
      passed.destroy();
    });
    passed.on('error', () => response.destroy());
    message.pipe(passed);
  });
  const listening = await listen(server);
  return {
    url: `http://127.0.0.1:${listening.port}`,
    forwardTo(url) {
      target = url;
    },
    breakStreams() {
      for (const stream of streams) stream.destroy();
    },
    close: async () => await listening[Symbol.asyncDispose](),
  };
}
