import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { floors } from './eslint/floors.js';

const TESTS = '**/*.test.ts';
/** Entries of processes: they alone read the environment, the arguments and the signals. */
const ENTRIES = [
  'src/main.ts',
  'src/import.ts',
  'src/relayMain.ts',
  'src/relayWorker.ts',
  'src/mediaChild.ts',
  'src/readerChild.ts',
];

/** Why each of them may not be used, with what to use instead. */
const CLOCK = [
  ['Date.now()', "CallExpression[callee.object.name='Date'][callee.property.name='now']", 'clock.now()'],
  ['new Date()', "NewExpression[callee.name='Date'][arguments.length=0]", 'clock.now()'],
  ['performance.now()', "CallExpression[callee.object.name='performance']", 'clock.monotonicMs()'],
  ['Math.random()', "CallExpression[callee.object.name='Math'][callee.property.name='random']", 'random()'],
  ['a timer', 'CallExpression[callee.name=/^set(?:Timeout|Interval)$/]', 'clock.after(…)'],
].map(([what, selector, instead]) => ({
  selector,
  message: `Time and randomness are handed in, so that tests can turn them: ${instead} in place of ${what}.`,
}));

const TIMERS = {
  name: 'node:timers/promises',
  importNames: ['setTimeout', 'setInterval', 'scheduler'],
  message: 'Time is handed in: see src/core/clock.ts.',
};

export default defineConfig(
  globalIgnores(['dist/', 'dist-bench/', 'data/', 'node_modules/']),
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    // A directive that switches off what would not complain hides the next mistake.
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      // A `default` does not stand for the members of a union that a switch leaves out.
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  {
    // Programs that talk to a person at a terminal, and tests that say what they leave out.
    files: ['bench/**', 'test/**', 'simulator/demo.ts', 'simulator/main.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['src/**/*.ts'],
    ignores: [TESTS],
    plugins: { camlease: { rules: { floors } } },
    rules: { 'camlease/floors': 'error' },
  },
  {
    files: ['src/**/*.ts'],
    ignores: [TESTS, 'src/systemClock.ts'],
    rules: {
      'no-restricted-syntax': ['error', ...CLOCK],
      'no-restricted-imports': ['error', { paths: [TIMERS] }],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: [TESTS, ...ENTRIES],
    rules: {
      'no-restricted-properties': [
        'error',
        ...['env', 'argv', 'exit', 'on', 'exitCode'].map((property) => ({
          ...{ object: 'process', property },
          message: 'Only the entries of processes (src/main.ts and those beside it) touch the process.',
        })),
      ],
    },
  },
  {
    // `core` decides: it gets facts and gives answers.
    files: ['src/core/**/*.ts'],
    ignores: [TESTS],
    rules: {
      'no-restricted-globals': ['error', 'fetch', 'process', 'queueMicrotask', 'setImmediate', 'WebSocket'],
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex:
                '^(?:node:)?(?:fs|net|http|https|http2|tls|dns|dgram|child_process|worker_threads|cluster|process|timers)(?:/|$)',
              message: 'core is pure: network, disk, processes and time are handed in.',
            },
          ],
        },
      ],
    },
  },
  {
    files: [TESTS],
    rules: {
      'no-restricted-properties': [
        'error',
        ...['mock', 'doMock', 'hoisted'].map((property) => ({
          ...{ object: 'vi', property },
          message: 'A fake server or a part that is handed in, never a mocked module.',
        })),
      ],
    },
  },
);
