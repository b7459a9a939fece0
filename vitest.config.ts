import { defineConfig } from 'vitest/config';

/** Whole installations with browsers: two at once on two cores are too slow for each other. They run last, one by one. */
const ALONE = ['test/e2e/badRenewal.test.ts', 'test/e2e/handoverKill.test.ts', 'test/e2e/replicas.test.ts'];

export default defineConfig({
  test: {
    globalSetup: ['test/globalSetup.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'together',
          include: ['src/**/*.test.ts', 'simulator/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts'],
          exclude: ['**/node_modules/**', ...ALONE],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'alone', include: ALONE, maxWorkers: 1, maxConcurrency: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
