// An HTTP proxy in front of the sandbox that alters the headers of answers. It passes on everything else as it is.
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import { type Listening, listen } from './listen.ts';

/** An array is sent as several headers; undefined removes the header. */
export type Altered = Readonly<Record<string, string | string[] | undefined>>;

export type AlteringProxy = Listening & {
  readonly url: string;
  forwardTo(url: string): void;
};

/** @param alter - the headers to set, by those of the sandbox's answer. */
export async function startAlteringProxy(
  alter: (headers: IncomingHttpHeaders, status: number) => Altered,
): Promise<AlteringProxy> {
  let target = '';
  const server = createServer((message, response) => {
    const { method, headers, url = '/' } = message;
    const passed = request(new URL(url, target), { method, headers }, (answer) => {
      const { statusCode = 500 } = answer;
      const all: Altered = { ...answer.headers, ...alter(answer.headers, statusCode) };
      for (const [name, value] of Object.entries(all))
        if (value !== undefined) response.setHeader(name, value);
      response.writeHead(statusCode);
      answer.pipe(response);
    });
    passed.on('error', () => response.destroy());
    message.pipe(passed);
  });
  const listening = await listen(server);
  return {
    ...listening,
    url: `http://127.0.0.1:${listening.port}`,
    forwardTo(url) {
      target = url;
    },
  };
}
