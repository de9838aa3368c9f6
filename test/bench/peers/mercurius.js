// The same page by Mercurius on Fastify, its queries compiled from the first run on: resolvers written by hand, and nothing
// of what the gateway does beside them.
import Fastify from 'fastify';
import mercurius from 'mercurius';
import { Pool } from 'undici';

const upstream = new Pool(JSON.parse(process.argv[2]), { connections: 50 });

const schema = `
  type Query { videos(first: Int = 25, filter: VideoFilter): VideoConnection }
  input VideoFilter { title: String }
  type VideoConnection { totalCount: Int! pageInfo: PageInfo! nodes: [Video!]! }
  type PageInfo { hasNextPage: Boolean! endCursor: String }
  type Video {
    id: ID!
    title: String
    createdAt: String
    tags: [String!]!
    metadata: [Metadata!]!
    assets: VideoAssets
    removed: Boolean!
  }
  type Metadata { key: String! value: String! }
  type VideoAssets { player: String }
`;

const resolvers = {
  Query: {
    async videos(_parent, { first, filter }) {
      const search = new URLSearchParams({ currentPage: '1', pageSize: String(first) });
      if (filter?.title) search.set('title', filter.title);
      const { body } = await upstream.request({
        method: 'GET',
        path: `/videos?${search}`,
        headers: { accept: 'application/json', authorization: 'Bearer token' },
      });
      const { data, pagination } = await body.json();
      const { currentPage, pagesTotal, itemsTotal } = pagination;
      return {
        totalCount: itemsTotal,
        pageInfo: {
          hasNextPage: currentPage < pagesTotal,
          endCursor: Buffer.from(String(data.length)).toString('base64url'),
        },
        nodes: data,
      };
    },
  },
  Video: {
    id: ({ videoId }) => videoId,
    removed: ({ discarded }) => discarded,
  },
};

const app = Fastify();
app.register(mercurius, { schema, resolvers, jit: 1 });
process.stdout.write(`${await app.listen({ host: '127.0.0.1', port: 0 })}\n`);
