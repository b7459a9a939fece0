#!/usr/bin/env node
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { VENDORS } from './cloud/vendors/registry.js';
import type { Config } from './config/config.js';
import { Vendors } from './core/camera/vendors.js';
import { AppError, messageOf } from './core/errors.js';
import { textOfBytes } from './core/textOfBytes.js';
import type { ImportArguments } from './importing/importArguments.js';
import { IMPORT_USAGE, parseImportArguments } from './importing/importArguments.js';
import { readOldCameras } from './importing/oldCameras.js';
import { runImport } from './importing/runImport.js';
import { readStoredCameras } from './importing/storedCameras.js';
import { openDataDir } from './startup/place/dataDir.js';
import { loadEnvFile, readSettings } from './startup/place/settingsFiles.js';
import { isSameDatabase } from './store/mongo/connection/connectionString.js';
import { createStore } from './store/opening/createStore.js';
import type { RawDocument } from './store/reading/cameraRecord.js';
import { systemClock } from './systemClock.js';

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const complain = (line: string): void => void process.stderr.write(`${line}\n`);

/**
 * Takes over a home-made set-up. Exit codes: 0 done, 1 a file or database could not be read or reached, 2 wrong arguments or
 * settings.
 */
async function main(): Promise<number> {
  const given = parseImportArguments(process.argv.slice(2));
  if (given === 'help') {
    say(IMPORT_USAGE);
    return 0;
  }
  if (typeof given === 'string') {
    complain(`${given}\n\n${IMPORT_USAGE}`);
    return 2;
  }
  const unreadable = loadEnvFile(process.env, path.resolve('.env'));
  const environment = {
    ...process.env,
    ...(given.into !== null && { MONGODB_URI: given.into }),
    ...(given.dataDir !== null && { DATA_DIR: given.dataDir }),
  };
  const { config, mistakes } = readSettings(environment);
  if (!config || unreadable !== null) {
    for (const mistake of [unreadable ?? [], mistakes ?? []].flat()) complain(mistake);
    return 2;
  }
  try {
    await importInto(config, given);
    return 0;
  } catch (error) {
    complain(error instanceof AppError ? [error.message, error.cure ?? ''].join(' ').trim() : messageOf(error));
    return 1;
  }
}

async function importInto(config: Config, given: ImportArguments): Promise<void> {
  const mediamtxText = given.mediamtx === null ? null : readText(given.mediamtx);
  const documents = given.mongo === null ? [] : await readOldCameras(given.mongo);
  const isInPlace =
    given.mongo !== null && config.mongodbUri !== null && isSameDatabase(given.mongo, config.mongodbUri);
  const vendors = new Vendors(VENDORS, config.cloudExtraHosts);
  const parts = {
    mediamtxText,
    documents,
    isInPlace,
    vendors,
    accounts: config.accounts.map(({ name }) => name),
    hlsBaseUrl: config.hlsBaseUrl,
    clock: systemClock,
    random: Math.random,
    print: say,
  };
  if (given.dryRun) {
    await runImport({ ...parts, store: null, stored: await storedIn(config, isInPlace ? documents : null) });
    return;
  }
  // The embedded database belongs to one process at a time.
  const dataDir = config.mongodbUri === null ? openDataDir(config.dataDir, process.pid, randomUUID) : null;
  // The report says for each camera why it cannot be adopted.
  const log = { warn: () => undefined };
  const store = createStore({
    ...config,
    vendors,
    clock: systemClock,
    random: Math.random,
    log,
  });
  try {
    await store.open();
    await runImport({ ...parts, store });
  } finally {
    await store.close();
    dataDir?.unlock();
  }
}

/** What the import finds in camlease's own store; `inPlace`: the store's documents, when the old collection is that store. */
async function storedIn(
  { mongodbUri, dataDir }: Config,
  inPlace: readonly RawDocument[] | null,
): Promise<readonly RawDocument[]> {
  if (inPlace !== null) return inPlace;
  return mongodbUri === null ? readStoredCameras(dataDir) : readOldCameras(mongodbUri, '--into or MONGODB_URI');
}

function readText(file: string): string {
  try {
    return textOfBytes(readFileSync(file));
  } catch (cause) {
    throw new AppError('CONFIG_INVALID', `The file ${file} cannot be read.`, {
      cure: 'Check its name, and that you may read it.',
      cause,
    });
  }
}

process.exitCode = await main();
