// Something between the gateway and the sandbox that changes the JSON of answers, so that upstream's videos get fields that
// the sandbox cannot have.
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { listen } from './listen.ts';

type Json = Record<string, unknown>;
/** Called with each video that an answer shows. Returns what to show instead. */
export type AlterVideo = (video: Json) => unknown;

export type VideoAlteringProxy = AsyncDisposable & {
  readonly url: string;
  forwardTo(url: string): void;
};

const PASSED_ON = ['date', 'x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-retry-after'];

export async function startVideoAlteringProxy(alter: AlterVideo): Promise<VideoAlteringProxy> {
  let target = '';
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const { authorization = '', 'content-type': type = 'application/json' } = request.headers;
    const answer = await fetch(target + request.url, {
      method: request.method ?? 'GET',
      headers: { authorization, 'content-type': type },
      ...(body === '' ? {} : { body }),
    });
    const whole = await answer.text();
    for (const name of PASSED_ON) {
      const value = answer.headers.get(name);
      if (value !== null) response.setHeader(name, value);
    }
    response.writeHead(answer.status);
    response.end(answer.ok && whole !== '' ? JSON.stringify(alterAll(JSON.parse(whole), alter)) : whole);
  });
  const { port, [Symbol.asyncDispose]: dispose } = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    forwardTo(url) {
      target = url;
    },
    [Symbol.asyncDispose]: dispose,
  };
}

function alterAll(json: Json, alter: AlterVideo): unknown {
  if (Array.isArray(json.data)) return { ...json, data: json.data.map(alter) };
  return 'videoId' in json ? alter(json) : json;
}
