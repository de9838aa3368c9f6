// The gateway behind real proxies, and its container: `npm run test:system`, which installs the programs that this needs.
import { defineConfig } from 'vitest/config';
import config from './vitest.config.ts';

export default defineConfig({
  resolve: config.resolve ?? {},
  test: {
    globalSetup: './test/support/compile-first.ts',
    include: ['test/system/**/*.test.ts'],
    reporters: ['default', './test/support/count-reporter.ts'],
    testTimeout: 120_000,
    sequence: { concurrent: true },
    maxWorkers: 2,
  },
});
