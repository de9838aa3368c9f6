// Which documents the gateway takes by an id or a hash: those of the manifest, or none. It keeps no document of a client.
import { usePersistedOperations } from '@graphql-yoga/plugin-persisted-operations';
import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { PersistedOperations } from '../config/read-manifest.ts';
import { createRequestError } from './refuse.ts';
import type { ReadWebApp } from './web-app-files.ts';

/** Without `operations`, takes whole documents. @param readApp - undefined if the gateway serves no web app. */
export function useTakenDocuments(
  operations: PersistedOperations | undefined,
  readApp: ReadWebApp | undefined,
): Plugin {
  return operations ? useKnownOperations(operations, readApp) : useWholeDocuments();
}

/**
 * Accepts operations in the manifest by their ids, and refuses documents. The web app's own documents are known too if the
 * gateway serves it: by their ids, and whole, as the app sends them.
 */
function useKnownOperations(operations: PersistedOperations, readApp: ReadWebApp | undefined): Plugin {
  const readDocuments = async () => (await readApp?.())?.documents;
  const byId = useIds(async (id) => operations.get(id) ?? (await readDocuments())?.byId.get(id) ?? null);
  return {
    ...byId,
    async onParams(payload) {
      const { query, ...params } = payload.params;
      const id = query ? (await readDocuments())?.ids.get(query) : undefined;
      const extensions = { persistedQuery: { version: 1, sha256Hash: id } };
      await byId.onParams?.(id === undefined ? payload : { ...payload, params: { ...params, extensions } });
    },
  };
}

function useIds(find: (id: string) => Promise<string | null>): Plugin {
  return usePersistedOperations({
    getPersistedOperation: find,
    customErrors: {
      keyNotFound: createRefusal(
        'BAD_USER_INPUT',
        400,
        'Expected extensions.persistedQuery with version 1 and the id of a persisted operation as sha256Hash, and got none.',
      ),
      notFound: createRefusal(
        'BAD_USER_INPUT',
        400,
        'Expected the id of an operation in the manifest, and got another one.',
      ),
      persistedQueryOnly: createRefusal(
        'FORBIDDEN',
        403,
        'Expected the id of a persisted operation in extensions.persistedQuery.sha256Hash, and got a document. The gateway accepts only the operations in its manifest, by id.',
      ),
    },
  });
}

/**
 * Refuses requests without a document. Clients of automatic persisted queries send a hash first: the refusal has the text
 * and the status that they know, upon which they send the document. Beside a document, a hash has no meaning.
 */
function useWholeDocuments(): Plugin {
  return {
    onParams({ params: { query, extensions } }) {
      if (query) return;
      if (extensions?.persistedQuery) {
        throw new GraphQLError('PersistedQueryNotSupported', {
          // Some of these clients read no other answer than 200.
          extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED', http: { status: 200 } },
        });
      }
      throw createRequestError(
        'Expected a document in "query", and got none. The gateway keeps no documents that an id could stand for.',
      );
    },
  };
}

function createRefusal(code: string, status: number, message: string) {
  return { message, extensions: { code, http: { status } } };
}
