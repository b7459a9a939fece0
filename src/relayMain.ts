#!/usr/bin/env node
/**
 * Entry of the relay's parent process. MediaMTX reads cameras from the relay, and camlease sets the cameras that the relay pulls. The relay runs as a service
 * of its own, or is started by camlease and outlives it. Its settings come from the environment alone (see docs/concepts/relay.md).
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { childModule } from './core/childModule.js';
import { AppError, messageOf } from './core/errors.js';
import { createLog } from './observe/logger.js';
import { createRedactor } from './observe/redact.js';
import { folderError } from './relay/file/relayFile.js';
import { boundedLog } from './relay/parent/boundedLog.js';
import { brokeAt } from './relay/parent/brokeAt.js';
import { RelayControl } from './relay/parent/control.js';
import { RelayParent } from './relay/parent/relayParent.js';
import { START_FAILURES } from './relay/wire/exits.js';
import { localHostOf, removeRunning, writeRunning } from './relay/wire/running.js';
import { readRelaySettings, type RelaySettings } from './relay/wire/settings.js';
import { trustOf } from './relay/wire/trust.js';
import { lockFile } from './startup/place/lockFile.js';
import { packageRoot, readVersion } from './startup/place/packageRoot.js';
import { systemClock } from './systemClock.js';

process.umask(0o077); // the relay's files contain live URLs, so only its own user may read them
const logFile = process.env['RELAY_LOG'];
const write = logFile === undefined ? (line: string) => void process.stdout.write(line) : boundedLog(logFile);
const log = createLog({ level: 'info', redactor: createRedactor(), readable: process.stdout.isTTY, write });

function fail(code: keyof typeof START_FAILURES, message: string, cure = ''): never {
  log.error(`The relay cannot start: ${message} ${cure}`.trim());
  process.exit(START_FAILURES[code]);
}

/** Locks the relay's folder and returns the release; null: another relay has locked it. */
function locked(folder: string): (() => void) | null {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return lockFile(path.join(folder, 'relay.lock'));
  } catch (thrown) {
    throw folderError(folder, thrown);
  }
}

async function run(settings: RelaySettings): Promise<void> {
  const { folder, host, port, controlPort, workers, secret, sourceNetworks, mostTranscodes } = settings;
  const unlock = locked(folder);
  if (unlock === null) fail('locked', `another relay already uses the folder ${folder}.`, 'Stop it first.');
  const version = readVersion(packageRoot());
  const newSecret = (): string => randomBytes(24).toString('base64url');
  const parent = await RelayParent.start({
    ...{ folder, host, port, workers, secret, sourceNetworks, mostTranscodes, version, newSecret, log },
    workerModule: childModule('./relayWorker.js', import.meta.url),
    trust: trustOf(process.env),
    pid: process.pid,
    clock: systemClock,
    onFolderGone: () => stop('end'),
  });
  const stop = (readers: 'end' | 'keep', exitCode = 0): void => {
    log.info(readers === 'end' ? 'The relay stops.' : 'The relay stops; its workers keep serving their readers.');
    removeRunning(folder);
    control.stop();
    void parent.stop(readers).then(() => {
      unlock();
      process.exit(exitCode);
    });
  };
  const control = await RelayControl.start(parent, { host, port: controlPort, onStop: stop });
  // Only camlease sets RELAY_LOG.
  const byCamlease = logFile !== undefined;
  writeRunning(folder, { pid: process.pid, controlPort: control.port, host: localHostOf(host), byCamlease });
  process.on('SIGTERM', () => stop('end'));
  process.on('SIGINT', () => stop('end'));
  process.on('SIGHUP', () => parent.restart());
  process.on('uncaughtException', (error) => {
    log.error('An unexpected error; the relay ends, while its workers keep serving their readers.', {
      where: brokeAt(error),
    });
    stop('keep', 1);
  });
  log.info(`The relay ${version} serves MediaMTX on port ${parent.port} and camlease on port ${control.port}.`, {
    ...{ pid: process.pid, cameras: parent.status().cameras, workers },
  });
}

const settings = readRelaySettings(process.env);
if (Array.isArray(settings)) fail('settings', settings.join(' '));
try {
  await run(settings);
} catch (thrown) {
  const { code, cure } = thrown instanceof AppError ? thrown : { code: 'INTERNAL', cure: '' };
  fail(code === 'PORT_IN_USE' ? 'port' : code === 'DISK_FULL' ? 'disk' : 'folder', messageOf(thrown), cure);
}
