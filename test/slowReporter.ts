import type { Reporter, TestModule } from 'vitest/node';

const MOST_MS = 20_000;

/**
 * Names the files of the quick set that took over 20 s, so that `npm test` stays one that is gladly waited for: such a file is made faster,
 * divided, or called `*.long.test.ts`. It does not fail: a busy machine is slower.
 */
export default class SlowReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    for (const module of modules) {
      const { duration } = module.diagnostic();
      if (module.project.name !== 'quick' || duration <= MOST_MS) continue;
      console.log(`slow for the quick set: ${module.relativeModuleId} took ${(duration / 1000).toFixed(0)} s`);
    }
  }
}
