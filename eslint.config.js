// The linter of the GraphQL files: the schema, and the operations, shipped and of the tests. Biome lints everything else.
import graphql from '@graphql-eslint/eslint-plugin';

const { configs } = graphql;

const schema = 'schema/*.graphql';

const common = {
  plugins: { '@graphql-eslint': graphql },
  languageOptions: {
    parser: graphql.parser,
    parserOptions: {
      // A project for each, since they have operations and fragments of the same name.
      graphQLConfig: {
        projects: {
          default: { schema, documents: 'src/clients/documents/*.graphql' },
          graphiql: { schema, documents: 'src/plugins/graphiql/*.graphql' },
          tests: { schema, documents: 'test/documents/*.graphql' },
        },
      },
    },
  },
};

export default [
  // ESLint takes up JavaScript unasked; of what it is asked for, there is nothing in these folders.
  { ignores: ['**/*.{js,cjs,mjs,ts,tsx}', 'dist/'] },
  {
    ...common,
    files: ['schema/**/*.graphql'],
    rules: {
      ...configs['flat/schema-recommended'].rules,
      ...configs['flat/schema-relay'].rules,

      // Stricter than recommended, which asks for types and root fields only: whoever opens GraphiQL finds every
      // type, field, argument, enum value and input field explained.
      '@graphql-eslint/require-description': [
        'error',
        {
          types: true,
          DirectiveDefinition: true,
          EnumValueDefinition: true,
          FieldDefinition: true,
          InputValueDefinition: true,
        },
      ],

      '@graphql-eslint/strict-id-in-types': [
        'error',
        {
          // A result is about one video of the batch and names it `videoId`. Its own `id` it has not: it cannot be
          // fetched again, and a client cache must not take it for the video.
          acceptedIdNames: ['id', 'videoId'],
          exceptions: {
            // Relay's types of a list, and what a mutation answers: parts of one answer, without an identity.
            suffixes: ['Connection', 'Edge', 'Payload'],
            types: [
              // Relay's specification gives it no id.
              'PageInfo',
              // Whoever asks; there is one.
              'Viewer',
              // Parts of a video, which has the id.
              'Metadata',
              'VideoAssets',
              // Parts of a payload.
              'BatchSummary',
              'UserError',
              // One of each for a gateway, reached through its field of Query.
              'RateBudget',
              'UpstreamBudget',
              'VideoRestore',
            ],
          },
        },
      ],

      // By default no list may hold anything but edges. The contract has lists that are no connections: a video's tags
      // and metadata, one result for each id of a batch, `Query.nodes`; and `nodes` beside `edges`, for clients that
      // need no cursors.
      '@graphql-eslint/relay-edge-types': ['error', { listTypeCanWrapOnlyEdgeType: false }],
    },
  },
  {
    ...common,
    files: ['src/clients/documents/*.graphql', 'src/plugins/graphiql/*.graphql', 'test/documents/*.graphql'],
    rules: configs['flat/operations-recommended'].rules,
  },
];
