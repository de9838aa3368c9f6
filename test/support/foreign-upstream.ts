// An api.video that shows another video where the probe video is expected: in its answer to a creation, and in its lists.
import { createServer } from 'node:http';
import { listen } from './listen.ts';

export const FOREIGN = {
  videoId: 'viForeign1',
  title: 'My wedding',
  tags: ['mine'],
  createdAt: '2026-01-01T10:00:00+00:00',
  updatedAt: '2026-01-01T10:00:00+00:00',
  discarded: false,
  assets: {},
};
/** Not shown in any list. */
export const LIVE = { ...FOREIGN, videoId: 'viCaller1' };

/** @param shown - the title and the tags of that video. */
export async function startForeignUpstream(shown: {
  readonly title: string;
  readonly tags: readonly string[];
}) {
  const writes: string[] = [];
  const foreign = { ...FOREIGN, ...shown };
  const server = createServer((request, response) => {
    const { method = '', url = '' } = request;
    const [path = ''] = url.split('?');
    const answer = (status: number, json: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
    if (path === '/auth/api-key')
      answer(200, { access_token: 'a.e30.c', expires_in: 3600, token_type: 'Bearer' });
    else if (method !== 'GET') {
      writes.push(`${method} ${path}`);
      answer(method === 'POST' ? 201 : 200, foreign);
    } else if (path === '/videos' && url.includes('tags')) answer(200, toPage([foreign]));
    else if (path === `/videos/${LIVE.videoId}`) answer(200, LIVE);
    else answer(200, toPage([]));
  });
  return { ...(await listen(server)), writes };
}

function toPage(data: readonly unknown[]) {
  const pagination = {
    currentPage: 1,
    pageSize: 100,
    pagesTotal: 1,
    itemsTotal: data.length,
    currentPageItems: data.length,
    links: [],
  };
  return { data, pagination };
}
