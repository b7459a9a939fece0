import type { Reporter, TestModule } from 'vitest/node';

/** Names the tests that passed only when they were tried again, so that none of them does so in silence. */
export default class RetriedReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    for (const module of modules) {
      for (const test of module.children.allTests('passed')) {
        if (test.diagnostic()?.flaky === true)
          console.log(`passed at the second try: ${module.relativeModuleId} > ${test.fullName}`);
      }
    }
  }
}
