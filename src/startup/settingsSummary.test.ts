import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { packageRoot } from '../../test/support/installation/programs.js';

const SECRETS = {
  HIKVISION_APP_KEY: 'key0123456789',
  HIKVISION_SECRET: 'hik-secret',
  MONGODB_URI: 'mongodb://me:mongo-secret@127.0.0.1:1/cams',
  RELAY_URL: 'http://127.0.0.1:28741',
  RELAY_SECRET: 'relay-secret-0123456789',
};

interface Checked {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  readonly dataDir: string;
}

/** Runs `main.js check` as an operator would, in a folder of its own; `file`: its camlease.yml. */
function check(settings: Readonly<Record<string, string>>, file: string | null = null): Checked {
  const folder = mkdtempSync(path.join(tmpdir(), 'camlease-check-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const dataDir = path.join(folder, 'data');
  if (file !== null) {
    mkdirSync(dataDir);
    writeFileSync(path.join(dataDir, 'camlease.yml'), file);
  }
  const env = { PATH: process.env['PATH'], DATA_DIR: dataDir, ...settings };
  const program = path.join(packageRoot(), 'dist', 'src', 'main.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, 'check'], {
    ...{ cwd: folder, env, encoding: 'utf8' },
  });
  return { code: status, out: stdout, err: stderr, dataDir };
}

describe('main.js check', () => {
  it('says what the settings make, without any secret, and makes no folder', () => {
    const { code, out, err, dataDir } = check(SECRETS);
    expect([code, err, existsSync(dataDir)]).toEqual([0, '', false]);
    expect(out).toMatch(/^The settings have no mistakes\.\nAccounts: hikvision \(hik-?connect\)\.\n/);
    expect(out).toMatch(/cameras are kept in MongoDB\.\n[\s\S]*Relay: at RELAY_URL\.\n/);
    expect(out).not.toMatch(/secret|0123456789/);
  });

  it('names accounts and senders of camlease.yml, the embedded engine, and that there is no account', () => {
    const file = 'alerts:\n  senders:\n    - {name: desk, kind: webhook, url: "https://hooks.example/secret"}\n';
    const { code, out } = check({ ENGINE: 'embedded' }, file);
    expect(code).toBe(0);
    expect(out).toContain('Accounts: none. Put the keys');
    expect(out).toContain('Media server: the embedded engine of camlease.\nRelay: none;');
    expect(out).toContain('Alerts: sent by desk (webhook).');
    expect(out).not.toContain('secret');
  });

  it('lists every mistake and ends with 2', () => {
    const { code, out, err } = check({ PORT: 'nonsense', RENEW_CRON: 'never' }, 'accounts: [\n');
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^camlease cannot start: 3 mistakes in the settings\.\n {2}- .*PORT/);
    expect(err.match(/^ {2}- /gm)).toHaveLength(3);
  });
});
