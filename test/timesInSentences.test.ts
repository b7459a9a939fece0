import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from './support/programs.js';

/** A template with words in which a moment stands. */
const SENTENCE_WITH_TIME = /`[^`\n]*[A-Za-z]+ [^`\n]*\$\{[^}\n]*toISOString\(\)[^}\n]*\}(.{0,4})/g;

it('every time in a sentence says that it is UTC', () => {
  const folder = join(packageRoot(), 'src');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('.test.ts'),
  );
  expect(files.length).toBeGreaterThan(100);
  const bare = files.flatMap((name) =>
    [...readFileSync(join(folder, name), 'utf8').matchAll(SENTENCE_WITH_TIME)]
      .filter(([, after = '']) => after !== ' UTC')
      .map(([sentence]) => `${name}: ${sentence}`),
  );
  expect(bare).toEqual([]);
});
