import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

const SRC = fileURLToPath(new URL('../src', import.meta.url));

/** Folders of `src` by rank: a file may import its own folder and any folder of a lower rank. ESLint reads the same file. */
const RANK = z
  .record(z.string(), z.number())
  .parse(JSON.parse(readFileSync(new URL('../eslint/floors.json', import.meta.url), 'utf8')));
/** app.ts, main.ts and what stands beside them may import everything below `src`. */
const TOP_RANK = 4;

/** Node modules that do I/O: `core` is pure. */
const IMPURE =
  /^(?:node:)?(?:fs|net|http|https|http2|tls|dns|dgram|child_process|worker_threads|cluster|process|timers)(?:\/|$)/;

/** A room with more sources than this is two rooms. */
const MOST_FILES = 18;

interface Import {
  readonly file: string;
  readonly from: string;
}

/** A folder of `src` with sources in it, other than `src` itself. Its README says what other rooms may take of it, and it of them. */
interface Room {
  readonly name: string;
  readonly files: readonly string[];
  /** Files that other rooms may import; null: each one. */
  readonly entrance: ReadonlySet<string> | null;
  /** Rooms of its own floor, and names of other floors. */
  readonly mayImport: ReadonlySet<string>;
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
const floorOf = (room: string): string => room.split('/')[0] ?? '';
const roomOf = (file: string): string => path.dirname(file).replaceAll(path.sep, '/');
const targetOf = ({ file, from }: Import): string =>
  path.normalize(path.join(path.dirname(file), from)).replace(/\.js$/, '.ts');

const product = filesBelow(SRC).filter((file) => !file.endsWith('.test.ts'));
const imports = product.flatMap(importsOf);
const ours = imports.filter(({ from }) => from.startsWith('.'));

describe('imports', () => {
  it('are found at all', () => {
    expect(imports.length).toBeGreaterThan(20);
  });

  it('point one way, and folders of one rank do not know each other', () => {
    const wrong = ours
      .filter(({ file, from }) => {
        const target = targetOf({ file, from });
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

describe('the rooms', () => {
  const rooms = new Map<string, Room>();
  for (const file of product) {
    const name = roomOf(file);
    if (name === '.' || rooms.has(name)) continue;
    const files = product.filter((other) => roomOf(other) === name).map((other) => path.basename(other));
    rooms.set(name, { name, files, ...readmeOf(name) });
  }
  const between = ours
    .map((each) => ({ ...each, room: roomOf(each.file), target: targetOf(each) }))
    .map((each) => ({ ...each, targetRoom: roomOf(each.target) }))
    .filter(({ room, targetRoom }) => room !== targetRoom);

  it('say in a README what they are for, their entrance and what they may import', () => {
    const silent = [...rooms.keys()].filter((name) => !existsSync(path.join(SRC, name, 'README.md')));
    expect(silent).toEqual([]);
    const known = new Set([...rooms.keys(), ...[...rooms.keys()].map(floorOf)]);
    const wrong = [...rooms.values()].flatMap(({ name, files, entrance, mayImport }) => [
      ...[...(entrance ?? [])].filter((file) => !files.includes(file)).map((file) => `${name} has no ${file}`),
      ...[...mayImport].filter((room) => !known.has(room)).map((room) => `${name} names ${room}, which is no room`),
    ]);
    expect(wrong).toEqual([]);
  });

  it('are entered by their entrance', () => {
    const wrong = between
      .filter(({ target, targetRoom }) => rooms.get(targetRoom)?.entrance?.has(path.basename(target)) === false)
      .map(({ file, target }) => `${file} imports ${target}, which is no entrance`);
    expect(wrong).toEqual([]);
  });

  it('import what their README names', () => {
    const wrong = between
      .filter(({ room, targetRoom }) => {
        const named = rooms.get(room)?.mayImport;
        return named && !named.has(floorOf(room) === floorOf(targetRoom) ? targetRoom : floorOf(targetRoom));
      })
      .map(({ file, target }) => `${file} imports ${target}, which the README of its room does not name`);
    expect(wrong).toEqual([]);
  });

  it('stand in no circle, nor do their files', () => {
    expect(circles(between.map(({ room, targetRoom }) => [room, targetRoom]))).toEqual([]);
    expect(circles(ours.map((each) => [each.file, targetOf(each)]))).toEqual([]);
  });

  it('hold few enough files', () => {
    const full = [...rooms.values()].filter(({ files }) => files.length > MOST_FILES);
    expect(full.map(({ name, files }) => `${name}: ${files.length} files`)).toEqual([]);
  });
});

/** What stands in a circle of these arrows, or between two circles. */
function circles(arrows: ReadonlyArray<readonly [from: string, to: string]>): string[] {
  const targets = new Map<string, Set<string>>();
  for (const [from, to] of arrows) targets.set(from, (targets.get(from) ?? new Set()).add(to));
  // What stands under or over all that is left stands in no circle, and is taken away again and again.
  let left = new Set(targets.keys());
  let before = -1;
  while (before !== left.size) {
    before = left.size;
    const reached = new Set([...left].flatMap((from) => [...(targets.get(from) ?? [])]));
    left = new Set(
      [...left].filter((one) => reached.has(one) && [...(targets.get(one) ?? [])].some((to) => left.has(to))),
    );
  }
  return [...left];
}

/** Names in backticks on the two lines that begin so. */
function readmeOf(room: string): Pick<Room, 'entrance' | 'mayImport'> {
  const file = path.join(SRC, room, 'README.md');
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const [, entrance = ''] = /^Entrance: (.+)$/m.exec(text) ?? [];
  const [, mayImport = ''] = /^May import: (.+)$/m.exec(text) ?? [];
  return { entrance: entrance === 'every file.' ? null : namesIn(entrance), mayImport: namesIn(mayImport) };
}

function namesIn(line: string): Set<string> {
  return new Set([...line.matchAll(/`([^`]+)`/g)].flatMap(([, name]) => name ?? []));
}

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
