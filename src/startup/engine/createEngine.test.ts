import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import axios from 'axios';
import { expect, it, onTestFinished } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import { readConfig } from '../../config/config.js';
import { createMediaProcess } from '../../media/process/mediaProcess.js';
import { createLog } from '../../observe/logger.js';
import { createRedactor } from '../../observe/redact.js';
import { createEngine } from './createEngine.js';
import { vendorsWith } from '../../../test/support/clouds/vendors.js';

it('refuses to start without any engine, and does not remember the one that is not there', async () => {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'camlease-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const { config } = readConfig({ ENGINE: 'embedded', DATA_DIR: dataDir }, null);
  if (!config) throw new Error('these settings are right');
  const clock = new TurnedClock();
  const made = createEngine({
    config,
    http: axios.create(),
    clock,
    vendors: vendorsWith(),
    log: createLog({ level: 'silent', redactor: createRedactor(), readable: false, write: () => undefined }),
    media: createMediaProcess({ clock }), // not started, so node-av counts as absent
    environment: {},
    newSecret: () => 'a-secret-of-the-test',
    keepSecret: () => undefined,
    templatePath: '',
  });
  await expect(made).rejects.toMatchObject({ code: 'ENGINE_MISSING' });
  expect(existsSync(path.join(dataDir, 'engine'))).toBe(false);
});
