import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { packageJson } from './support/installation/packageJson.js';
import { packageRoot } from './support/installation/programs.js';

const root = packageRoot();

/** Sources that the package is compiled from, with their paths in the checkout. */
const sources = ['src', 'simulator'].flatMap((folder) =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => path.posix.join(folder, file.replaceAll(path.sep, '/')))
    .map((file) => ({ file, text: readFileSync(path.join(root, file), 'utf8') })),
);

/** The paths that `npm pack` would write, as `dist/` stands. */
function packed(): string[] {
  const reply = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    ...{ cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  });
  const [tarball] = z.array(z.object({ files: z.array(z.object({ path: z.string() })) })).parse(JSON.parse(reply));
  return (tarball?.files ?? []).map((file) => file.path);
}

describe('the package', () => {
  it('holds what its programs open, and nothing that only a checkout needs', () => {
    const files = packed();
    const children = sources.flatMap(({ file, text }) =>
      [...text.matchAll(/childModule\('([^']+)', import\.meta\.url\)/g)].map(([, target = '']) =>
        path.posix.join('dist', path.posix.dirname(file), target),
      ),
    );
    expect(children).toContain('dist/src/mediaChild.js');
    const entrances = Object.values(packageJson.exports).map((target) => path.posix.normalize(target.default));
    const wanted = [...Object.values(packageJson.bin), ...entrances, ...children, 'mediamtx.yml', '.env.example'];
    expect(wanted.filter((file) => !files.includes(file))).toEqual([]);
    const known =
      /^(?:dist\/(?:src|simulator)\/.+\.(?:js|d\.ts)|dist\/dashboard\/.+|(?:README|CHANGELOG)\.md|LICENSE|package\.json|mediamtx\.yml|\.env\.example)$/;
    expect(files.filter((file) => !known.test(file) || /\.(?:test|map)\b/.test(file))).toEqual([]);
  });

  it('names every package that its programs import as a dependency', () => {
    const named = new Set(Object.keys({ ...packageJson.dependencies, ...packageJson.optionalDependencies }));
    const imported = sources.flatMap(({ file, text }) =>
      [...text.matchAll(/(?:\bfrom |\bimport\(|\.resolve\()'([^.'][^']*)'/g)].map(([, target = '']) => ({
        file,
        target: target.split('/', target.startsWith('@') ? 2 : 1).join('/'),
      })),
    );
    expect(imported.length).toBeGreaterThan(100);
    const foreign = imported.filter(
      ({ target }) => !target.startsWith('node:') && !builtinModules.includes(target) && !named.has(target),
    );
    expect(foreign).toEqual([]);
  });

  it('has programs that a shell can start', () => {
    for (const file of Object.values(packageJson.bin))
      expect(readFileSync(path.join(root, file), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });
});

it('the changelog keeps the form of Keep a Changelog, and knows the version', () => {
  const text = readFileSync(path.join(root, 'CHANGELOG.md'), 'utf8');
  const headings = [...text.matchAll(/^##+ .+$/gm)].map(([heading]) => heading);
  expect(headings[0]).toBe('## [Unreleased]');
  const known =
    /^## \[Unreleased\]$|^## \[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d$|^### (?:Added|Changed|Deprecated|Removed|Fixed|Security)$/;
  expect(headings.filter((heading) => !known.test(heading))).toEqual([]);
  expect(text).toContain(packageJson.version);
});
