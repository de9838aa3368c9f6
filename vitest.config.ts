import { defineConfig } from 'vitest/config';

/** Files that mock modules or clocks, or look at memory: each in a process of its own. */
const APART = [
  'test/auth/identity.test.ts',
  'test/auth/key-outages.test.ts',
  'test/auth/key-rotation.test.ts',
  'test/auth/revoked-token.test.ts',
  'test/auth/refusal-limit.test.ts',
  'test/clients/operation-news.test.ts',
  'test/clients/urql-lists.test.ts',
  'test/clients/urql.test.ts',
  'test/failures/clock-jumps.test.ts',
  'test/failures/ids.test.ts',
  'test/failures/strange-answers.test.ts',
  'test/operations/claim-gate.test.ts',
  'test/project/projects.test.ts',
  'test/removal/concurrent-truth.property.test.ts',
  'test/removal/risk-window.test.ts',
  'test/removal/truth.property.test.ts',
  'test/resolvers/equal-reads.test.ts',
  'test/search/recall.test.ts',
  'test/search/recent-writes.test.ts',
  'test/telemetry/log-once.test.ts',
  'test/upstream/breaker.test.ts',
  'test/upstream/connections.test.ts',
  'test/upstream/outgoing-proxy.test.ts',
  'test/upstream/shared-reads.test.ts',
];

export default defineConfig({
  resolve: {
    // The instance that Node.js gives to every library; Vite would find graphql's other one, and graphql-js refuses two.
    alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }],
  },
  test: {
    reporters: ['default', './test/support/count-reporter.ts'],
    testTimeout: 180_000,
    // A busy machine takes more than the default of ten seconds to start PostgreSQL.
    hookTimeout: 60_000,
    // Most of the time is waited, for upstream's lag and windows, not computed: the tests of a file run side by side, each
    // with a sandbox and a gateway of its own. Those that share something say `concurrent: false`. More at a time are no
    // faster on two cores, and make the waits that some tests give to a call too short for a busy machine.
    sequence: { concurrent: true },
    maxConcurrency: 8,
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'together',
          globalSetup: './test/support/compile-first.ts',
          include: ['test/**/*.test.ts'],
          exclude: [...APART, 'test/long/**', 'test/system/**', '**/node_modules/**'],
          // What a file imports costs a second of computing, which is half of all there is.
          isolate: false,
        },
      },
      { extends: true, test: { name: 'apart', include: APART } },
    ],
  },
});
