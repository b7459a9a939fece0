import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const root = new URL('../', import.meta.url);
const lines = readFileSync(new URL('docs/promises.md', root), 'utf8').split('\n');
const isRow = (line: string): boolean => line.startsWith('| ') && !line.startsWith('| fault |');
const rows = lines.filter(isRow);

/** `file` "name of a test", several in one cell. */
function testsIn(row: string): { readonly file: string; readonly name: string }[] {
  const cell = row.split(' | ').at(-1) ?? '';
  return [...cell.matchAll(/`([^`]+\.(?:test|contract)\.ts)` "([^"]+)"/g)].map(([, file = '', name = '']) => ({
    file,
    name,
  }));
}

/** As the name stands in the source, whatever quotes are around it. */
function hasTest(file: string, name: string): boolean {
  const source = readFileSync(new URL(file, root), 'utf8').replaceAll("\\'", "'");
  return [`'${name}'`, `"${name}"`, `\`${name}\``].some((quoted) => source.includes(quoted));
}

describe('docs/promises.md', () => {
  it('has promises', () => {
    expect(rows.length).toBeGreaterThan(30);
  });

  it.each(rows.map((row) => [row.split(' | ')[0]?.slice(2) ?? '', row]))('%s: names tests that exist', (_, row) => {
    const tests = testsIn(row);
    expect(tests.length, row).toBeGreaterThan(0);
    const missing = tests.filter(({ file, name }) => !existsSync(new URL(file, root)) || !hasTest(file, name));
    expect(missing).toEqual([]);
  });
});
