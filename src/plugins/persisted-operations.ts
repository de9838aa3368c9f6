import { usePersistedOperations } from '@graphql-yoga/plugin-persisted-operations';
import type { Plugin } from 'graphql-yoga';
import type { PersistedOperations } from '../config/read-manifest.ts';

/** Accepts operations in the manifest by their ids, and refuses documents. */
export function useKnownOperations(operations: PersistedOperations): Plugin {
  return usePersistedOperations({
    getPersistedOperation: (id) => operations.get(id) ?? null,
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

function createRefusal(code: string, status: number, message: string) {
  return { message, extensions: { code, http: { status } } };
}
