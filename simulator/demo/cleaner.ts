import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import path from 'node:path';
import process from 'node:process';
import { childModule } from '../../src/core/childModule.js';
import { PID_FILE } from '../../src/engine/mediamtx/mediaMtxEngine.js';
import { processTable } from '../../src/engine/mediamtx/server/processTable.js';
import { rememberedMediaMtx } from '../../src/engine/mediamtx/server/supervisor.js';

/**
 * Starts a process that cleans up after the demo, however the demo ends: camlease leaves MediaMTX and the relay running when it is killed,
 * and a demo must leave nothing. The cleaner waits for the end of a pipe from the demo, and survives Ctrl-C.
 */
export function startCleaner(dataDir: string): void {
  const file = childModule('./cleanerMain.js', import.meta.url);
  const child = spawn(process.execPath, [file.pathname, dataDir], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // The demo goes on without a cleaner; it may then leave processes behind when it is killed.
  child.on('error', () => undefined);
  child.unref();
  if (child.stdin instanceof Socket) child.stdin.on('error', () => undefined).unref();
}

/** Ends the MediaMTX that a demo left running, and removes the demo's folder, which makes its relay end. */
export async function cleanAfterDemo(dataDir: string): Promise<void> {
  const left = await rememberedMediaMtx(path.join(dataDir, PID_FILE), processTable);
  if (left) processTable.signal(left.pid, 'SIGTERM');
  await rm(dataDir, { recursive: true, force: true });
}
