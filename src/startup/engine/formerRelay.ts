import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Config } from '../../config/config.js';
import { askUntil } from '../../core/async/askUntil.js';
import type { Clock } from '../../core/clock.js';
import { messageOf } from '../../core/errors.js';
import type { Log } from '../../observe/logger.js';
import { ControlClient } from '../../relay/client/controlClient.js';
import { controlSecretIn } from '../../relay/file/controlSecret.js';
import { RELAY_FILE } from '../../relay/file/relayFile.js';
import { readRunning, type Running } from '../../relay/wire/running.js';
import { RELAY_FOLDER } from '../../relay/wire/settings.js';
import { SLATES_FOLDER } from '../../relay/wire/slateFiles.js';
import { statusSchema } from '../../relay/wire/wire.js';
import { lockFile } from '../place/lockFile.js';

export interface FormerRelayOptions {
  readonly config: Pick<Config, 'relay' | 'dataDir'>;
  readonly clock: Clock;
  readonly log: Pick<Log, 'info' | 'warn'>;
  /** Resolves when MediaMTX's file holds none of the earlier lines any more. */
  readonly settled: () => Promise<void>;
}

const ASK_MS = 2_000;
const END_MS = 5_000;
/** MediaMTX at once closes paths that its lines do not need any more; other readers may take this long. */
const READERS_MS = 60_000;
const AGAIN_MS = 100;
const LOCK_FILE = 'relay.lock';
const nothing = z.object({});

/**
 * Ends the relay that an earlier run of this installation started, where the settings now say that there is none or another one
 * (RELAY=off, RELAY_URL), and deletes the live URLs from its folder. Call it when MediaMTX has other lines; the relay's workers
 * still serve their readers to the end. A relay that runs by itself is left alone. Throws nothing.
 */
export async function endFormerRelay({ config, clock, log, settled }: FormerRelayOptions): Promise<void> {
  const { relay, dataDir } = config;
  if (!relay || (relay.use !== 'off' && relay.url === null)) return;
  const folder = path.join(dataDir, RELAY_FOLDER);
  const running = readRunning(folder);
  if (running && (!running.byCamlease || isNamed(running, relay))) return;
  // With RELAY_URL set, a file without a running relay may belong to the relay named there.
  if (!running && relay.use !== 'off') return;
  if (!running && !existsSync(path.join(folder, RELAY_FILE))) return;
  try {
    await settled();
    const hasEnded = running !== null && (await end(folder, running, clock));
    const isClean = await clean(folder, clock);
    if (hasEnded) log.info('The previous relay was stopped, because MediaMTX no longer reads from it.');
    if (!isClean)
      log.warn(
        'A relay process still uses the folder of the previous relay, so the live URLs in its file were not removed.',
        {
          cure: `End that process; its process id is in ${path.join(folder, 'running.json')}.`,
        },
      );
  } catch (thrown) {
    log.warn(`The previous relay could not be stopped, or its file could not be removed: ${messageOf(thrown)}`, {
      cure: `End the process whose id is in ${path.join(folder, 'running.json')}, and remove ${folder}.`,
    });
  }
}

/** True when RELAY_URL names this very relay. */
function isNamed({ controlPort }: Running, { use, url }: NonNullable<FormerRelayOptions['config']['relay']>): boolean {
  if (use === 'off' || url === null) return false;
  const { port, protocol } = new URL(url);
  return Number(port === '' ? (protocol === 'https:' ? 443 : 80) : port) === controlPort;
}

/** False: the relay does not run any more, or another program has its port. */
async function end(folder: string, { controlPort, host, pid }: Running, clock: Clock): Promise<boolean> {
  const secret = controlSecretIn(folder);
  if (secret === null) return false;
  const named = host.includes(':') ? `[${host}]` : host;
  const client = new ControlClient({ url: `http://${named}:${controlPort}`, secret }, clock);
  const readers = (): Promise<number | null> =>
    client.ask({ method: 'GET', path: '/status', schema: statusSchema, limitMs: ASK_MS }).then(
      (status) => (status.pid === pid ? status.workers.reduce((sum, worker) => sum + worker.readers, 0) : null),
      () => null,
    );
  try {
    if ((await readers()) === null) return false;
    const hasNoReaders = async (): Promise<boolean> => ((await readers()) ?? 0) === 0;
    await askUntil({ clock, everyMs: AGAIN_MS, withinMs: READERS_MS }, hasNoReaders);
    await client.ask({ method: 'POST', path: '/stop', body: { readers: 'keep' }, schema: nothing, limitMs: ASK_MS });
    await askUntil({ clock, everyMs: AGAIN_MS, withinMs: END_MS }, async () => (await readers()) === null);
    return true;
  } finally {
    client.close();
  }
}

/** Deletes the relay's live URLs and slates. False: a relay still uses the folder. */
async function clean(folder: string, clock: Clock): Promise<boolean> {
  const file = path.join(folder, RELAY_FILE);
  if (!existsSync(file)) return true;
  // The relay gives its lock back as its last act.
  const asking = { clock, everyMs: AGAIN_MS, withinMs: END_MS };
  const lock = await askUntil(asking, () => lockFile(path.join(folder, LOCK_FILE)));
  if (lock === null) return false;
  try {
    for (const name of [file, `${file}.tmp`, `${file}.unreadable`]) await rm(name, { force: true });
    await rm(path.join(folder, SLATES_FOLDER), { recursive: true, force: true });
  } finally {
    lock();
  }
  return true;
}
