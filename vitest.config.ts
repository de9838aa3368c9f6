import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: {
    // The instance that Node.js gives to every library. Vite would load the other one, and graphql-js refuses two.
    alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }],
  },
  test: {
    include: ['test/**/*.test.ts'],
    reporters: ['default', './test/support/count-reporter.ts'],
    testTimeout: 30_000,
    // The tests mostly wait for upstream's lag and windows, and compute little.
    maxWorkers: 4,
  },
});
