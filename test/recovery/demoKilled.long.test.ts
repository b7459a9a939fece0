import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { freeTcpPort } from '../../simulator/demo/freePorts.js';
import { childModule } from '../../src/core/childModule.js';
import { until } from '../support/engine/mediamtx.js';
import { mediaMtx } from '../support/installation/appRig.js';
import { isAlive } from '../support/relay/relayProcessRig.js';

const LIMIT_MS = 60_000;

it.skipIf(mediaMtx === null)(
  'a demo that is killed leaves neither MediaMTX, nor the relay, nor its folder',
  { timeout: 90_000 },
  async () => {
    const demo = fileURLToPath(childModule('../../simulator/demo.js', import.meta.url));
    const port = await freeTcpPort();
    const folder = mkdtempSync(path.join(tmpdir(), 'camlease-killed-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const child = spawn(process.execPath, [demo, '--port', String(port), '--log', 'error'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TMPDIR: folder },
    });
    let said = '';
    child.stdout.on('data', (bytes: Buffer) => (said += bytes.toString()));
    child.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()));
    onTestFinished(() => void child.kill('SIGKILL'));
    await until(() => said.includes('Ctrl-C ends everything') || child.exitCode !== null, LIMIT_MS);
    expect(said).toMatch(/Relay: +a process on port \d+/);
    const dataDir = path.join(folder, readdirSync(folder).find((name) => name.startsWith('camlease-demo-')) ?? '');
    const pidIn = (...names: string[]): number =>
      (JSON.parse(readFileSync(path.join(dataDir, ...names), 'utf8')) as { pid: number }).pid;
    const left = [pidIn('mediamtx.pid.json'), pidIn('relay', 'running.json')];
    expect(left.every(isAlive)).toBe(true);
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    await until(() => !left.some(isAlive) && !existsSync(dataDir), LIMIT_MS);
  },
);
