import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: {
    // The instance that Node.js gives to every library; Vite would find graphql's other one, and graphql-js refuses two.
    alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }],
  },
  test: {
    include: ['test/**/*.test.ts'],
    reporters: ['default', './test/support/count-reporter.ts'],
    testTimeout: 60_000,
    // Most of the time is waited, for upstream's lag and windows, not computed: the tests of a file run side by side, each
    // with a sandbox and a gateway of its own. Those that share a clock or look at memory say `concurrent: false`.
    sequence: { concurrent: true },
    maxConcurrency: 14,
    maxWorkers: 3,
  },
});
