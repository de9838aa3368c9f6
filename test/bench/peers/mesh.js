// The same page by GraphQL Mesh, from an OpenAPI description alone: its OpenAPI source behind its own HTTP handler.
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { createMeshHTTPHandler } from '@graphql-mesh/http';
import BareMerger from '@graphql-mesh/merger-bare';
import OpenAPIHandler from '@graphql-mesh/openapi';
import { getMesh } from '@graphql-mesh/runtime';
import { InMemoryStoreStorageAdapter, MeshStore } from '@graphql-mesh/store';
import { DefaultLogger, defaultImportFn, PubSub } from '@graphql-mesh/utils';

const baseDir = fileURLToPath(new URL('.', import.meta.url));
const store = new MeshStore('', new InMemoryStoreStorageAdapter(), { readonly: false, validate: false });
const logger = new DefaultLogger('mesh', 3);
const pubsub = new PubSub();
const cache = new Map();
const common = { cache, pubsub, logger, store, baseDir, importFn: defaultImportFn };

const mesh = await getMesh({
  cache,
  pubsub,
  logger,
  merger: new BareMerger(common),
  sources: [
    {
      name: 'videos',
      handler: new OpenAPIHandler({
        ...common,
        name: 'videos',
        config: {
          source: './list-videos.openapi.json',
          endpoint: JSON.parse(process.argv[2]),
          operationHeaders: { authorization: 'Bearer token' },
        },
      }),
    },
  ],
});

const handler = createMeshHTTPHandler({ baseDir, getBuiltMesh: async () => mesh });
const server = createServer(handler);
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${server.address().port}\n`);
});
