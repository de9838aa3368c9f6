// The only imports from Apollo Client that remain in the compiled package, by a path that Node.js and bundlers find in versions
// 3 and 4. Without the extension, Node.js would find it in version 4 only.
export { cacheSizes, relayStylePagination } from '@apollo/client/utilities/index.js';
