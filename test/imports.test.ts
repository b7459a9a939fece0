import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SRC = fileURLToPath(new URL('../src', import.meta.url));

/** Folders of `src` by rank: a file may import its own folder and any folder of a lower rank. */
const RANK: Readonly<Record<string, number>> = {
  core: 0,
  cloud: 1,
  store: 1,
  engine: 1,
  media: 1,
  observe: 1,
  alerts: 1,
  relay: 1,
  jobs: 2,
  http: 2,
};
/** app.ts, main.ts and what stands beside them may import everything below `src`. */
const TOP_RANK = 3;

/** Node modules that do I/O: `core` is pure. */
const IMPURE =
  /^(?:node:)?(?:fs|net|http|https|http2|tls|dns|dgram|child_process|worker_threads|cluster|process|timers)(?:\/|$)/;

interface Import {
  readonly file: string;
  readonly from: string;
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => path.relative(SRC, path.join(entry.parentPath, entry.name)));
}

function importsOf(file: string): Import[] {
  const text = readFileSync(path.join(SRC, file), 'utf8');
  const found = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\b[^'"`;]*?from\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g,
  );
  return [...found].flatMap((match) => {
    const from = match[1] ?? match[2];
    return from === undefined ? [] : [{ file, from }];
  });
}

const rankOf = (file: string): number => RANK[file.split(path.sep)[0] ?? ''] ?? TOP_RANK;

describe('imports', () => {
  const product = filesBelow(SRC).filter((file) => !file.endsWith('.test.ts'));
  const imports = product.flatMap(importsOf);

  it('are found at all', () => {
    expect(imports.length).toBeGreaterThan(20);
  });

  it('point one way, and folders of one rank do not know each other', () => {
    const wrong = imports
      .filter(({ from }) => from.startsWith('.'))
      .filter(({ file, from }) => {
        const target = path.normalize(path.join(path.dirname(file), from));
        if (target.startsWith('..')) return true;
        const sameFolder = target.split(path.sep)[0] === file.split(path.sep)[0];
        return rankOf(file) < TOP_RANK && !sameFolder && rankOf(target) >= rankOf(file);
      })
      .map(({ file, from }) => `${file} imports ${from}`);
    expect(wrong).toEqual([]);
  });

  it('leave core pure', () => {
    const impure = imports
      .filter(({ file, from }) => rankOf(file) === 0 && IMPURE.test(from))
      .map(({ file, from }) => `${file} imports ${from}`);
    expect(impure).toEqual([]);
  });

  it('of node-av stand only in the child process of media', () => {
    const elsewhere = imports
      .filter(({ from }) => from === 'node-av' || from.startsWith('node-av/'))
      .filter(({ file }) => !file.startsWith('media'));
    expect(elsewhere).toEqual([]);
  });
});

describe('the clock and the process', () => {
  it('are read in one place each', () => {
    const rules: Array<[RegExp, (file: string) => boolean]> = [
      [/\bDate\.now\(|new Date\(\)|Math\.random\(|\bsetTimeout\(|\bsetInterval\(/, (file) => file === 'systemClock.ts'],
      [
        /\bprocess\.(?:env|argv|exit|on)\b/,
        (file) =>
          ['main.ts', 'import.ts', 'relayMain.ts', 'relayWorker.ts'].includes(file) ||
          /[cC]hild|[pP]rocessEntry/.test(file),
      ],
    ];
    const wrong = filesBelow(SRC)
      .filter((file) => !file.endsWith('.test.ts'))
      .flatMap((file) => {
        const text = readFileSync(path.join(SRC, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
        return rules
          .filter(([pattern, allowed]) => !allowed(file) && pattern.test(text))
          .map(([pattern]) => `${file}: ${pattern.source}`);
      });
    expect(wrong).toEqual([]);
  });
});
