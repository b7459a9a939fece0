import { defineConfig } from 'vitest/config';

/** Whole installations with browsers. They run last, one file after the other; their own tests run side by side, since most of it is waiting. */
const ALONE = ['test/e2e/badRenewal.test.ts', 'test/e2e/handoverKill.test.ts', 'test/e2e/replicas.test.ts'];

export default defineConfig({
  test: {
    globalSetup: ['test/globalSetup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'together',
          include: ['src/**/*.test.ts', 'simulator/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts'],
          exclude: ['**/node_modules/**', ...ALONE],
          // One more than the two cores that are asked for: much of it is waiting for real time.
          maxWorkers: 3,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'alone', include: ALONE, maxWorkers: 1, maxConcurrency: 3, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
