import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { startSimulator, demoFleet } from '../simulator/index.js';
import { envSettings } from '../simulator/envLines.js';
import { systemClock } from '../src/systemClock.js';
import { packageJson } from './support/installation/packageJson.js';
import { packageRoot } from './support/installation/programs.js';

const root = packageRoot();
const folder = mkdtempSync(path.join(tmpdir(), 'camlease-package-'));
/** An empty project that has installed the package. */
const project = path.join(folder, 'project');
const installed = path.join(project, 'node_modules');

/** What a checkout has, without what it was built to: `prepack` empties `dist`, which other tests run from. */
const CHECKOUT = [
  ...['src', 'simulator', 'dashboard', 'package.json', '.npmrc', 'tsconfig.json', 'tsconfig.build.json'],
  ...['mediamtx.yml', '.env.example', 'README.md', 'CHANGELOG.md', 'LICENSE'],
];

/**
 * Packs a copy of the checkout and lays it out as npm does for whoever depends on it: with packages of `dependencies` and
 * `optionalDependencies` alone, and a link for each program. Without a registry, which a test machine may not reach.
 */
beforeAll(() => {
  const checkout = path.join(folder, 'checkout');
  for (const name of CHECKOUT) cpSync(path.join(root, name), path.join(checkout, name), { recursive: true });
  symlinkSync(path.join(root, 'node_modules'), path.join(checkout, 'node_modules'));
  const npm = (...args: string[]): string => execFileSync('npm', args, { cwd: checkout, encoding: 'utf8' });
  npm('run', 'package', '--silent');

  mkdirSync(path.join(installed, '.bin'), { recursive: true });
  const tarball = path.join(checkout, `camlease-${packageJson.version}.tgz`);
  execFileSync('tar', ['xzf', tarball], { cwd: installed });
  execFileSync('mv', ['package', 'camlease'], { cwd: installed });
  const lists = spawnSync('npm', ['ls', '--omit=dev', '--all', '--parseable'], { cwd: root, encoding: 'utf8' });
  for (const at of lists.stdout.split('\n').slice(1)) {
    const name = path.relative(path.join(root, 'node_modules'), at);
    if (name.startsWith('..') || name === '' || name.includes('node_modules')) continue;
    mkdirSync(path.dirname(path.join(installed, name)), { recursive: true });
    symlinkSync(at, path.join(installed, name));
  }
  for (const [name, file] of Object.entries(packageJson.bin)) {
    symlinkSync(path.join('..', 'camlease', file), path.join(installed, '.bin', name));
    chmodSync(path.join(installed, '.bin', name), 0o755);
  }
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const environment = (settings: Readonly<Record<string, string>>): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  HOME: folder,
  ...settings,
});

const camerasReply = z.object({ cameras: z.array(z.object({ id: z.string() })) });
const liveReply = z.object({ hlsUrl: z.string() });

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function run(program: string, args: readonly string[], settings: Readonly<Record<string, string>> = {}): Ended {
  const { status, stdout, stderr } = spawnSync(path.join(installed, '.bin', program), args, {
    ...{ cwd: project, env: environment(settings), encoding: 'utf8' },
  });
  return { code: status, out: stdout, err: stderr };
}

/** Starts a program of the package; resolves with the first match in what it writes. It ends with the test. */
async function started(
  program: string,
  settings: Readonly<Record<string, string>>,
  until: RegExp,
): Promise<RegExpMatchArray> {
  const child = spawn(path.join(installed, '.bin', program), [], {
    ...{ cwd: project, env: environment(settings), stdio: ['ignore', 'pipe', 'inherit'] as const },
  });
  onTestFinished(async () => {
    if (child.exitCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await gone;
  });
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    const match = until.exec(line);
    if (match) {
      child.stdout.resume();
      return match;
    }
  }
  throw new Error(`${program} ended before it wrote ${until.source}:\n${lines.join('\n')}`);
}

describe('an installed package', () => {
  it('holds no package of the tests and the build', () => {
    expect(existsSync(path.join(installed, 'express'))).toBe(true);
    expect(['vitest', 'hls.js', 'typescript'].filter((name) => existsSync(path.join(installed, name)))).toEqual([]);
  });

  it('answers --help, --version and check', () => {
    const help = run('camlease', ['--help']);
    expect([help.code, help.out]).toEqual([0, expect.stringContaining('camlease check')]);
    expect(run('camlease', ['--version'])).toEqual({ code: 0, out: `camlease ${packageJson.version}\n`, err: '' });
    const right = run('camlease', ['check']);
    expect([right.code, right.out]).toEqual([0, expect.stringContaining('The settings have no mistakes.')]);
    const wrong = run('camlease', ['check'], { PORT: 'nonsense' });
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('  - PORT: ')]);
    const taking = run('camlease-import', ['--help']);
    expect([taking.code, taking.out]).toEqual([0, expect.stringContaining('--dry-run')]);
  });

  it('starts in an empty folder, leases cameras, and serves the page and a picture', async () => {
    const simulator = await startSimulator({ fleet: demoFleet(), clock: systemClock, control: false });
    onTestFinished(() => simulator.stop());
    const [, url = ''] = await started(
      'camlease',
      { ...envSettings(simulator), PORT: '0', ENGINE: 'embedded', LOG_LEVEL: 'info' },
      /answers on (http:\/\/[^\s"]+)/,
    );
    const read = async (at: string): Promise<string> => (await fetch(new URL(at, url))).text();
    expect(JSON.parse(await read('/health'))).toMatchObject({ version: packageJson.version });
    const page = await read('/');
    const [, script = ''] = /src="([^"]+\.js)"/.exec(page) ?? [];
    expect((await fetch(new URL(script, url))).status).toBe(200);
    await fetch(new URL('/api/hikvision/initialize', url), { method: 'POST' });
    const cameras = camerasReply.parse(JSON.parse(await read('/api/camera'))).cameras;
    expect(cameras.length).toBeGreaterThan(5);
    expect(existsSync(path.join(project, 'data', 'camlease.sqlite'))).toBe(true);
    // The media process runs: it is what serves the embedded engine's playlists.
    const [{ id }] = cameras as [{ id: string }];
    const { hlsUrl } = liveReply.parse(JSON.parse(await read(`/api/camera/${id}/live`)));
    expect(await (await fetch(new URL(new URL(hlsUrl).pathname, url))).text()).toMatch(/^#EXTM3U/);
  });

  it('starts the relay with its workers', async () => {
    const settings = { RELAY_SECRET: 'a-secret-of-the-test-0123456789', RELAY_PORT: '0' };
    const dataDir = path.join(folder, 'relay');
    const line = await started('camlease-relay', { ...settings, DATA_DIR: dataDir }, /The relay (\S+) serves MediaMTX/);
    expect(line[1]).toBe(packageJson.version);
  });
});
