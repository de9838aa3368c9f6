// In the CommonJS build, this replaces apollo-utilities.ts: with an extension, Apollo Client 3 has only an ES module.
const { cacheSizes, relayStylePagination } = require('@apollo/client/utilities');

module.exports = { cacheSizes, relayStylePagination };
