import { defineConfig } from 'vitest/config';
import { LongFirst } from './test/longFirst.js';

/** Whole installations with browsers, which run last. */
const MEASURING = ['test/e2e/badRenewal.long.test.ts', 'test/e2e/decidedRenewal.long.test.ts'];
const KILLING = ['test/e2e/handoverKill.long.test.ts', 'test/e2e/replicas.long.test.ts'];
/** Two camleases, a relay and MediaMTX for each of its walks: beside the other walks, two cores are too slow for their time limits. */
const SHARING = ['test/e2e/oneRelay.long.test.ts'];

export default defineConfig({
  test: {
    globalSetup: ['test/globalSetup.ts'],
    reporters: ['default', './test/retriedReporter.ts'],
    // On a machine that others use too, some tests with browsers and real streams fail once in hundreds of runs.
    retry: process.env['CI'] === undefined ? 0 : 1,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    sequence: { sequencer: LongFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'together',
          include: ['src/**/*.test.ts', 'simulator/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts'],
          exclude: ['**/node_modules/**', ...MEASURING, ...KILLING, ...SHARING],
          // One more than the two cores that are asked for: much of it is waiting for real time.
          maxWorkers: 3,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        // Side by side: nothing is timed, and most of it is waiting.
        test: { name: 'killing', include: KILLING, maxWorkers: 2, maxConcurrency: 3, sequence: { groupOrder: 1 } },
      },
      {
        extends: true,
        test: { name: 'sharing', include: SHARING, maxWorkers: 1, maxConcurrency: 2, sequence: { groupOrder: 2 } },
      },
      {
        extends: true,
        // Two installations at a time: some of them look for pictures that stand still.
        test: { name: 'measuring', include: MEASURING, maxWorkers: 1, maxConcurrency: 2, sequence: { groupOrder: 3 } },
      },
    ],
  },
});
