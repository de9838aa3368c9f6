// Who serves a page of 25 in the benchmark, how each is asked for it, and how its answer is read. All resolve the same
// fields of the same upstream page; the proxy passes the whole of it on.
import * as z from 'zod';
import { type ServerProcess, startServer } from './server-process.ts';
import { startGateway } from './start-gateway.ts';

export const PAGE_SIZE = 25;
/** Videos that the list of the benchmark's upstream claims to have. */
export const TOTAL = 1000;

export type PageRequest = {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
};

export type Contestant = {
  readonly name: string;
  start(upstream: ServerProcess): Promise<ServerProcess>;
  /** @param title - a filter that tells one request from all others, since equal ones could be shared. */
  request(title: string): PageRequest;
  /** The answer in one form for all, to see that it is the same page. */
  readPage(answer: unknown): Page;
};

export type Page = {
  readonly total: number;
  readonly hasNextPage: boolean;
  readonly videos: readonly unknown[];
};

const QUERY = `query Page($title: String) {
  videos(first: ${PAGE_SIZE}, filter: { title: $title }) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes { id title createdAt tags metadata { key value } assets { player } removed }
  }
}`;

const MESH_QUERY = `query Page($title: String) {
  listVideos(title: $title, currentPage: 1, pageSize: ${PAGE_SIZE}) {
    data { videoId title createdAt tags metadata { key value } assets { player } discarded }
    pagination { itemsTotal currentPage pagesTotal }
  }
}`;

const entry = z.object({ key: z.string(), value: z.string() });
const fields = {
  title: z.string(),
  createdAt: z.string().transform((text) => new Date(text).getTime()),
  tags: z.array(z.string()),
  metadata: z.array(entry),
  assets: z.object({ player: z.string() }),
};

const connection = z
  .object({
    data: z.object({
      videos: z.object({
        totalCount: z.number(),
        pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string() }),
        nodes: z.array(z.object({ id: z.string(), ...fields, removed: z.boolean() })),
      }),
    }),
  })
  .transform(({ data: { videos } }) => ({
    total: videos.totalCount,
    hasNextPage: videos.pageInfo.hasNextPage,
    videos: videos.nodes,
  }));

const upstreamPage = z
  .object({
    data: z.array(z.object({ videoId: z.string(), ...fields, discarded: z.boolean() })),
    pagination: z.object({ itemsTotal: z.number(), currentPage: z.number(), pagesTotal: z.number() }),
  })
  .transform(({ data, pagination }) => ({
    total: pagination.itemsTotal,
    hasNextPage: pagination.currentPage < pagination.pagesTotal,
    videos: data.map(({ videoId, discarded, ...others }) => ({ id: videoId, ...others, removed: discarded })),
  }));

const meshPage = z
  .object({ data: z.object({ listVideos: upstreamPage }) })
  .transform(({ data }) => data.listVideos);

const post = (query: string) => (title: string) => ({
  method: 'POST' as const,
  path: '/graphql',
  headers: { 'content-type': 'application/json', accept: 'application/json' },
  body: JSON.stringify({ query, variables: { title } }),
});

export const GATEWAY: Contestant = {
  name: 'gateway',
  start: (upstream) => startGateway(upstream),
  request: post(QUERY),
  readPage: (answer) => connection.parse(answer),
};

export const PROXY: Contestant = {
  name: 'bare node:http proxy',
  start: ({ origin }) => startServer('./proxy.ts', { args: [origin] }),
  request: (title) => ({
    method: 'GET',
    path: `/videos?title=${encodeURIComponent(title)}&currentPage=1&pageSize=${PAGE_SIZE}`,
    headers: { accept: 'application/json' },
  }),
  readPage: (answer) => upstreamPage.parse(answer),
};

export const MERCURIUS: Contestant = {
  name: 'Mercurius with JIT',
  start: ({ origin }) => startServer('./peers/mercurius.js', { args: [origin] }),
  request: post(QUERY),
  readPage: (answer) => connection.parse(answer),
};

export const MESH: Contestant = {
  name: 'GraphQL Mesh',
  start: ({ origin }) => startServer('./peers/mesh.js', { args: [origin] }),
  request: post(MESH_QUERY),
  readPage: (answer) => meshPage.parse(answer),
};
