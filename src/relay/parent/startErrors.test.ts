import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { tempFolder } from '../../../test/support/relay/relayProcessRig.js';
import { childModule } from '../../core/childModule.js';
import { START_FAILURES } from '../wire/exits.js';

const RELAY = fileURLToPath(childModule('../../relayMain.js', import.meta.url));

it.each([
  ['is a file', (folder: string) => writeFileSync(path.join(folder, 'relay'), '')],
  [
    'holds a lock that cannot be opened',
    (folder: string) => mkdirSync(path.join(folder, 'relay', 'relay.lock', 'x'), { recursive: true }),
  ],
])('a relay whose folder %s says what to do', (_what, spoil) => {
  const dataDir = tempFolder();
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  spoil(dataDir);
  const env = { DATA_DIR: dataDir, RELAY_PORT: '0' };
  const { status, stdout } = spawnSync(process.execPath, [RELAY], { env, encoding: 'utf8', timeout: 20_000 });
  expect(stdout).toContain(`The relay's folder ${path.join(dataDir, 'relay')} cannot be used`);
  expect(stdout).toContain('Make it writable for the user that runs the relay, or set another folder with DATA_DIR.');
  expect(status).toBe(START_FAILURES.folder);
});
