import { defineConfig } from 'vitest/config';
import { LongFirst } from './test/longFirst.js';

/**
 * `npm test` runs the project `quick`, `npm run test:long` those whose names begin with `long`. A file is long by its name:
 * `*.long.test.ts`. `npx vitest run <path>` finds both.
 */
const LONG = '**/*.long.test.ts';
const ALL = ['src', 'simulator', 'test', 'bench'];

/** Whole installations with browsers, which run last. */
const MEASURING = ['test/e2e/badRenewal.long.test.ts', 'test/e2e/decidedRenewal.long.test.ts'];
const KILLING = ['test/e2e/handoverKill.long.test.ts', 'test/e2e/replicas.long.test.ts'];
/** Two camleases, a relay and MediaMTX for each of its walks: beside the other walks, two cores are too slow for their time limits. */
const SHARING = ['test/e2e/oneRelay.long.test.ts'];

/** Given to each project: `extends` would run the global set-up once for each of them. */
const common = {
  // On a machine that others use too, some tests with browsers and real streams fail once in hundreds of runs.
  retry: process.env['CI'] === undefined ? 0 : 1,
  testTimeout: 60_000,
  hookTimeout: 60_000,
};

export default defineConfig({
  test: {
    globalSetup: ['test/globalSetup.ts'],
    reporters: ['default', './test/retriedReporter.ts', './test/slowReporter.ts'],
    sequence: { sequencer: LongFirst },
    projects: [
      {
        test: {
          ...common,
          name: 'quick',
          include: ALL.map((folder) => `${folder}/**/*.test.ts`),
          exclude: ['**/node_modules/**', LONG],
          // Files share processes, since loading the same modules anew takes longer than most of them: none leaves anything behind in a
          // module, in `process.env` or on a timer.
          isolate: false,
          // More than the two cores that are asked for: much of it is waiting for real time.
          maxWorkers: 4,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...common,
          name: 'long-together',
          include: ALL.map((folder) => `${folder}/${LONG}`),
          exclude: ['**/node_modules/**', ...MEASURING, ...KILLING, ...SHARING],
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // Side by side: nothing is timed, and most of it is waiting.
        test: {
          ...{ ...common, name: 'long-killing', include: KILLING, maxWorkers: 2, maxConcurrency: 3 },
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          ...{ ...common, name: 'long-sharing', include: SHARING, maxWorkers: 1, maxConcurrency: 2 },
          sequence: { groupOrder: 3 },
        },
      },
      {
        // Two installations at a time: some of them look for pictures that stand still.
        test: {
          ...{ ...common, name: 'long-measuring', include: MEASURING, maxWorkers: 1, maxConcurrency: 2 },
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});
