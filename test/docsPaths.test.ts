import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from './support/installation/programs.js';

const root = packageRoot();

/** Documents that lead a reader through the code. */
const pages = [
  ...['CONTRIBUTING.md', 'docs/design.md', 'docs/glossary.md', 'docs/decisions/2026-11-30-six-changes.md'],
  ...readdirSync(path.join(root, 'docs/how-to')).map((name) => `docs/how-to/${name}`),
].map((name) => ({ name, text: readFileSync(path.join(root, name), 'utf8') }));

const TOP = ['src', 'test', 'simulator', 'dashboard', 'bench', 'deploy', 'docs', 'eslint'];
const FLOORS = readdirSync(path.join(root, 'src')).filter((name) =>
  statSync(path.join(root, 'src', name)).isDirectory(),
);

/** The path that a text in backticks names, from the package's folder; null: it names none, or one that a reader is to make. */
function pathIn(text: string): string | null {
  if (!/^[\w.-]+(?:\/[\w.-]+)+\/?$/.test(text) || /acme/i.test(text)) return null;
  const [top = ''] = text.split('/');
  if (TOP.includes(top)) return text;
  if (!FLOORS.includes(top)) return null;
  // A page about the simulator names its folders as `src` has them.
  return isThere(`simulator/${text}`) ? `simulator/${text}` : `src/${text}`;
}

/** Whether the path is there, written as in TypeScript: a folder, a file, or a file without its ending. */
const isThere = (name: string): boolean =>
  ['', '.ts'].some((ending) => existsSync(path.join(root, `${name}${ending}`)));

describe.each(pages)('$name', ({ text }) => {
  it('names files and folders that are there', () => {
    const named = [...text.matchAll(/`([^`\n]+)`/g)].flatMap(([, code = '']) => pathIn(code) ?? []);
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((name) => !isThere(name))).toEqual([]);
  });

  it('names functions and types where they stand', () => {
    const pairs = [
      ...[...text.matchAll(/`(\w+)` (?:\([^)]*\) )?in `([^`\n]+\.ts)`/g)].map(([, word, file]) => [word, file]),
      ...[...text.matchAll(/`([^`\n]+\.ts)` \(`(\w+)`/g)].map(([, file, word]) => [word, file]),
    ];
    const wrong = pairs.filter(([word = '', file = '']) => {
      const at = pathIn(file);
      return (
        at !== null && existsSync(path.join(root, at)) && !readFileSync(path.join(root, at), 'utf8').includes(word)
      );
    });
    expect(wrong).toEqual([]);
  });
});
