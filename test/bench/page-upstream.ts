// The benchmark's upstream for pages, run as a process: it answers every list with the same page, made beforehand, so that
// it takes as little as possible of the machine. Its first argument is how many reads it allows a minute. Asked for its
// `pages`, it answers how many it has sent.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tooManyRequests } from '../../src/sandbox/problems.ts';
import { RateLimit } from '../../src/sandbox/rate-limit.ts';
import { renderVideo } from '../../src/sandbox/render-video.ts';
import { createVideo } from '../../src/sandbox/server.ts';
import { PAGE_SIZE, TOTAL } from './page-contestants.ts';

const createdAt = Date.parse('2026-01-01T00:00:00Z');
const data = Array.from({ length: PAGE_SIZE }, (_, index) =>
  renderVideo(
    createVideo({
      videoId: `viPage${index}`,
      title: `Video ${index}`,
      // The newest first, as they are asked for.
      createdAt: new Date(createdAt - index * 60_000).toISOString(),
    }),
    'discarded',
    'http://127.0.0.1',
  ),
);
const page = Buffer.from(
  JSON.stringify({
    data,
    pagination: {
      currentPage: 1,
      pageSize: PAGE_SIZE,
      pagesTotal: TOTAL / PAGE_SIZE,
      itemsTotal: TOTAL,
      currentPageItems: PAGE_SIZE,
      links: [{ rel: 'self', uri: '/videos?currentPage=1&pageSize=25' }],
    },
  }),
);
const token = Buffer.from(JSON.stringify({ token_type: 'Bearer', access_token: 'token', expires_in: 3600 }));
const reads: number = JSON.parse(process.argv[2] ?? '100000000');
const limit = new RateLimit({ reads, writes: 1 }, 60_000, Date.now);
const refusal = Buffer.from(JSON.stringify(tooManyRequests().json));
let pages = 0;

const server = createServer((request, response) => {
  const isPage = request.method === 'GET' && request.url?.startsWith('/videos?');
  const ticket = isPage ? limit.take('reads') : undefined;
  if (ticket?.granted) pages += 1;
  if (!isPage) request.resume();
  const body = isPage ? page : token;
  const answer = ticket?.granted === false ? { status: 429, body: refusal } : { status: 200, body };
  response
    .writeHead(answer.status, {
      'content-type': 'application/json',
      'content-length': answer.body.length,
      ...ticket?.headers,
    })
    .end(answer.body);
});
server.keepAliveTimeout = 120_000;
server.listen(0, '127.0.0.1', () => {
  const address: AddressInfo | string | null = server.address();
  process.stdout.write(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}\n`);
});
process.on('message', (message) => {
  if (message === 'pages') process.send?.({ pages });
});
