// Lints the GraphQL files: the schema, and the operations that are shipped or tested with. Biome lints everything else.
import graphql from '@graphql-eslint/eslint-plugin';

const { configs } = graphql;

const schema = 'schema/*.graphql';

const common = {
  plugins: { '@graphql-eslint': graphql },
  languageOptions: {
    parser: graphql.parser,
    parserOptions: {
      // One project each, because they have operations and fragments with the same names.
      graphQLConfig: {
        projects: {
          default: { schema, documents: 'src/clients/documents/*.graphql' },
          graphiql: { schema, documents: 'src/plugins/graphiql/*.graphql' },
          tests: { schema, documents: 'test/documents/*.graphql' },
          web: { schema, documents: 'web/documents/*.graphql' },
        },
      },
    },
  },
};

export default [
  // ESLint includes JavaScript by default. These files and folders contain no GraphQL to lint.
  { ignores: ['**/*.{js,cjs,mjs,ts,tsx}', 'dist/'] },
  {
    ...common,
    files: ['schema/**/*.graphql'],
    rules: {
      ...configs['flat/schema-recommended'].rules,
      ...configs['flat/schema-relay'].rules,

      // Stricter than recommended, which covers only types and root fields: GraphiQL must explain every type, field,
      // argument, enum value and input field.
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
          // A result is about one video of the batch and names it `videoId`. It has no `id` of its own: it cannot be
          // fetched again, and a client cache must not take it for the video.
          acceptedIdNames: ['id', 'videoId'],
          exceptions: {
            // Relay's list types and the payloads of mutations: parts of one answer, without an identity.
            suffixes: ['Connection', 'Edge', 'Payload'],
            types: [
              // Relay's specification gives it no id.
              'PageInfo',
              // The caller; there is one.
              'Viewer',
              // Parts of a video, which has the id.
              'Metadata',
              'VideoAssets',
              // A part of an operation, which has the id.
              'FailureCount',
              // Parts of a payload.
              'BatchSummary',
              'UserError',
              // One of each per gateway, reached through its field of Query.
              'RateBudget',
              'UpstreamBudget',
              'VideoRestore',
            ],
          },
        },
      ],

      // By default, a list may hold only edges. This schema has other lists: a video's tags and metadata, one result
      // for each id of a batch, `Query.nodes`; and `nodes` beside `edges`, for clients that need no cursors.
      '@graphql-eslint/relay-edge-types': ['error', { listTypeCanWrapOnlyEdgeType: false }],
    },
  },
  {
    ...common,
    files: [
      'src/clients/documents/*.graphql',
      'src/plugins/graphiql/*.graphql',
      'test/documents/*.graphql',
      'web/documents/*.graphql',
    ],
    rules: configs['flat/operations-recommended'].rules,
  },
];
