import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { packageRoot } from '../../../test/support/installation/programs.js';
import { parseMainArguments } from './mainArguments.js';

describe('the arguments of the program', () => {
  it.each([
    [[], 'start'],
    [['--help'], 'help'],
    [['-h'], 'help'],
    [['--version'], 'version'],
    [['-v'], 'version'],
    [['-v', '-h'], 'help'],
    [['--direct-lines'], 'direct-lines'],
    [['--direct-lines', '--help'], 'help'],
    [['check'], 'check'],
    [['check', '-h'], 'help'],
  ])('%j ask to %s', (argv, command) => {
    expect(parseMainArguments(argv)).toEqual({ command });
  });

  it.each([
    [['--port=4000'], 'There is no option --port.'],
    [['-x'], 'There is no option -x.'],
    [['-hx'], /^There is no option -h… /],
    [['-psecret'], /^There is no option -p… /],
    [['-p', 'secret'], 'There is no option -p.'],
    [['--passwordsecret1'], /^There is no option --pa… /],
    [['--Secret'], /^There is no option --Se… /],
    [['--password:secret'], 'There is no option --password.'],
    [['--help=secret'], /takes no such argument/],
    [['start'], /takes no such argument/],
    [['check', 'secret'], /takes no such argument/],
    [['--'], 'There is no option --.'],
  ])('%j are refused without their values', (argv, sentence) => {
    const said = parseMainArguments(argv);
    expect(said).toEqual(typeof sentence === 'string' ? sentence : expect.stringMatching(sentence));
    expect(said).not.toContain('secret');
  });
});

const root = packageRoot();
const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };

describe('the program', () => {
  // The settings are wrong, which shows that the program does not read them.
  it.each([
    ['main.js', ['--help'], 0, /^camlease keeps cloud cameras[\s\S]+--version/, /^$/],
    ['main.js', ['-v'], 0, new RegExp(`^camlease ${version}\n$`), /^$/],
    ['main.js', ['--prot', '80'], 2, /^$/, /^There is no option --prot\.\n\ncamlease keeps/],
    ['import.js', ['--help'], 0, /^Takes over the cameras[\s\S]+--dry-run/, /^$/],
  ])('%s %j answers with exit code %i, starts nothing and makes no folder', (file, argv, code, out, err) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'camlease-arguments-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const dataDir = path.join(folder, 'data');
    const env = { ...process.env, NODE_OPTIONS: '', DATA_DIR: dataDir, PORT: 'nonsense' };
    const ended = spawnSync(process.execPath, [path.join(root, 'dist', 'src', file), ...argv], {
      cwd: folder,
      env,
      encoding: 'utf8',
    });
    expect(ended.stdout).toMatch(out);
    expect(ended.stderr).toMatch(err);
    expect(ended.status).toBe(code);
    expect(existsSync(dataDir)).toBe(false);
  });
});
