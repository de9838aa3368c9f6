// What takes minutes of computing, beside `npm test`: `npm run test:long`.
import { defineConfig } from 'vitest/config';
import config from './vitest.config.ts';

/** Measures how long a client waits: nothing else may compute meanwhile. */
const ALONE = 'test/long/bad-day.test.ts';

export default defineConfig({
  resolve: config.resolve ?? {},
  test: {
    env: {
      TRUTH_HISTORIES: process.env.TRUTH_HISTORIES ?? '1000000',
      CONCURRENT_HISTORIES: process.env.CONCURRENT_HISTORIES ?? '20000',
      STORE_CANCELS: process.env.STORE_CANCELS ?? '400',
    },
    reporters: ['default', './test/support/count-reporter.ts'],
    testTimeout: 60_000,
    // Storms are more computing than waiting.
    maxConcurrency: 4,
    maxWorkers: 2,
    projects: [
      { extends: true, test: { name: 'alone', include: [ALONE], sequence: { groupOrder: 0 } } },
      {
        extends: true,
        test: {
          name: 'together',
          include: [
            'test/long/**/*.test.ts',
            'test/removal/*truth.property.test.ts',
            'test/operations/*-store.test.ts',
          ],
          exclude: [ALONE],
          sequence: { concurrent: true, groupOrder: 1 },
        },
      },
    ],
  },
});
