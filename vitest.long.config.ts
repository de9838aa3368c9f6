// What takes minutes of computing, beside `npm test`: `npm run test:long`.
import { defineConfig } from 'vitest/config';
import config from './vitest.config.ts';

export default defineConfig({
  resolve: config.resolve ?? {},
  test: {
    include: ['test/long/**/*.test.ts', 'test/removal/*truth.property.test.ts'],
    env: {
      TRUTH_HISTORIES: process.env.TRUTH_HISTORIES ?? '1000000',
      CONCURRENT_HISTORIES: process.env.CONCURRENT_HISTORIES ?? '20000',
    },
    reporters: ['default', './test/support/count-reporter.ts'],
    testTimeout: 60_000,
    sequence: { concurrent: true },
    // Storms are more computing than waiting.
    maxConcurrency: 4,
    maxWorkers: 2,
  },
});
