import path from 'node:path';
import { ControlClient } from '../../src/relay/client/controlClient.js';
import { controlSecretIn } from '../../src/relay/file/controlSecret.js';
import { readRunning } from '../../src/relay/wire/running.js';
import { RELAY_FOLDER } from '../../src/relay/wire/settings.js';
import { statusSchema, type RelayStatus } from '../../src/relay/wire/wire.js';
import { systemClock } from '../../src/systemClock.js';

const STATUS_MS = 5_000;

/** The status of the relay that camlease started in this data folder; rejects when it does not run. */
export async function relayStatus(dataDir: string): Promise<RelayStatus> {
  const folder = path.join(dataDir, RELAY_FOLDER);
  const [running, secret] = [readRunning(folder), controlSecretIn(folder)];
  if (running === null || secret === null) throw new Error('The relay does not run.');
  const control = new ControlClient({ url: `http://127.0.0.1:${running.controlPort}`, secret }, systemClock);
  try {
    return await control.ask({ method: 'GET', path: '/status', schema: statusSchema, limitMs: STATUS_MS });
  } finally {
    control.close();
  }
}
