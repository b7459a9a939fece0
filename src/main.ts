#!/usr/bin/env node
import { hostname } from 'node:os';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { createApp } from './app.js';
import { configFilePath, type Config } from './config/config.js';
import { AppError, messageOf } from './core/errors.js';
import { createLog, type Log } from './observe/logger.js';
import { createRedactor, type Redactor } from './observe/redact.js';
import type { AppParts } from './startup/appParts.js';
import { createDirectLines } from './startup/engine/directLines.js';
import { parseMainArguments, USAGE } from './startup/place/mainArguments.js';
import { packageRoot, readVersion } from './startup/place/packageRoot.js';
import { loadEnvFile, readSettings, watchedSettings } from './startup/place/settingsFiles.js';
import { stopRequests } from './startup/place/stopRequests.js';
import { settingsSummary } from './startup/settingsSummary.js';
import { systemClock } from './systemClock.js';

// V8 lets garbage grow to several times the live heap before it collects: 240 MB for 2,000 cameras under load, where 160 MB
// serve as many requests. V8 reads the flag at each collection, so it may be set while the process runs; it limits nothing.
setFlagsFromString('--heap-growing-percent=20');

/** The process's soft limit of open files; null when the system does not tell. */
function openFileLimit(): number | null {
  const report: unknown = process.report.getReport();
  if (typeof report !== 'object' || report === null || !('userLimits' in report)) return null;
  const limits = report.userLimits;
  if (typeof limits !== 'object' || limits === null || !('open_files' in limits)) return null;
  const files = limits.open_files;
  const soft = typeof files === 'object' && files !== null && 'soft' in files ? files.soft : null;
  return typeof soft === 'number' ? soft : null;
}

function loadConfig(): Config | null {
  const unreadable = loadEnvFile(process.env, path.resolve('.env'));
  const read = readSettings(process.env);
  const { config } = read;
  if (config && unreadable === null) return config;
  const mistakes = [...(unreadable === null ? [] : [unreadable]), ...(read.mistakes ?? [])];
  process.stderr.write(
    `camlease cannot start: ${mistakes.length} mistake${mistakes.length === 1 ? '' : 's'} in the settings.\n`,
  );
  for (const mistake of mistakes) process.stderr.write(`  - ${mistake}\n`);
  return null;
}

function logFor(config: Config, redactor: Redactor): Log {
  const readable = process.stdout.isTTY;
  return createLog({ level: config.logLevel, redactor, readable, write: (line) => void process.stdout.write(line) });
}

/** The command to run; null: it was answered here, before any file or setting is touched. */
function askedFor(root: string): 'start' | 'check' | 'direct-lines' | null {
  const asked = parseMainArguments(process.argv.slice(2));
  if (typeof asked === 'string') {
    process.stderr.write(`${asked}\n\n${USAGE}`);
    process.exitCode = 2;
    return null;
  }
  const { command } = asked;
  if (command === 'help') process.stdout.write(USAGE);
  else if (command === 'version') process.stdout.write(`camlease ${readVersion(root)}\n`);
  else return command;
  return null;
}

/** Exit codes: 0 stopped as asked or printed what was asked, 1 could not start or broke, 2 arguments or settings are wrong. */
async function main(): Promise<void> {
  const root = packageRoot();
  const command = askedFor(root);
  if (command === null) return;
  process.umask(0o077); // what camlease writes holds live URLs: for its own user only
  const config = loadConfig();
  if (!config) {
    process.exitCode = 2;
    return;
  }
  if (command === 'check') {
    process.stdout.write(['The settings have no mistakes.', ...settingsSummary(config), ''].join('\n'));
    return;
  }
  const redactor = createRedactor();
  const log = logFor(config, redactor);
  const parts: AppParts = {
    clock: systemClock,
    random: Math.random,
    log,
    redactor,
    environment: process.env,
    pid: process.pid,
    hostName: hostname(),
    openFileLimit: openFileLimit(),
    packageRoot: root,
    version: readVersion(root),
    readSettings: watchedSettings(process.env),
    settingsFiles: [path.resolve('.env'), configFilePath(process.env)],
  };
  const app = command === 'start' ? createApp(config, parts) : createDirectLines(config, parts);

  const state = { stopping: false };
  const request = stopRequests(systemClock);
  const stop = (why: string, exitCode: number): void => {
    const meaning = request();
    if (meaning === 'echo') return;
    if (meaning === 'again') process.exit(exitCode || 1);
    state.stopping = true;
    log.info(`Stopping (${why}).`);
    void app.stop().then(() => process.exit(exitCode));
  };
  process.on('SIGINT', () => stop('SIGINT', 0));
  process.on('SIGTERM', () => stop('SIGTERM', 0));
  process.on('uncaughtException', (error) => {
    log.error('An unexpected error; camlease ends, so that its supervisor can start it again.', { error });
    stop('an unexpected error', 1);
  });

  try {
    const done = await app.start();
    if (done !== undefined) {
      await app.stop();
      log.info(done);
      process.exit(0);
    }
  } catch (thrown) {
    if (state.stopping) return; // the start was broken off
    state.stopping = true;
    const cure = thrown instanceof AppError && thrown.cure !== undefined ? ` ${thrown.cure}` : '';
    log.error(
      `${command === 'start' ? 'camlease cannot start' : 'The paths of MediaMTX were not changed'}: ${messageOf(thrown)}${cure}`,
      thrown instanceof AppError ? {} : { error: thrown },
    );
    await app.stop();
    process.exit(1);
  }
}

await main();
