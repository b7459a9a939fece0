import type { Reporter, TestModule } from 'vitest/node';

/**
 * Names the tests that passed only when they were tried again, and what failed before, so that none of them does so in silence:
 * what fails once in a hundred runs may not be seen again for days.
 */
export default class RetriedReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    for (const module of modules) {
      for (const test of module.children.allTests('passed')) {
        if (test.diagnostic()?.flaky !== true) continue;
        console.log(`passed at the second try: ${module.relativeModuleId} > ${test.fullName}`);
        for (const { message, stack } of test.result().errors ?? []) console.log(stack ?? message);
      }
    }
  }
}
