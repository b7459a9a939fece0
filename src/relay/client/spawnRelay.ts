import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { childModule } from '../../core/childModule.js';

export interface SpawnRelayRequest {
  readonly dataDir: string;
  /** 0: any. */
  readonly port: number;
  readonly logFile: string;
}

/** `null`: a signal ended it. `not-started`: there was never a process. */
export type RelayExit = number | 'not-started' | null;

/** Starts a relay; `onExit` is called once. */
export type SpawnRelay = (
  request: SpawnRelayRequest,
  onExit: (how: RelayExit) => void,
) => { signal(signal: 'SIGTERM' | 'SIGKILL'): void };

/**
 * In a process group of its own, so that it outlives this process; its environment holds nothing of ours but `trust` (see `trustOf`).
 */
export function relaySpawner(execPath: string, trust: Readonly<Record<string, string>> = {}): SpawnRelay {
  return ({ dataDir, port, logFile }, onExit) => {
    let isTold = false;
    const tell = (how: RelayExit): void => {
      if (!isTold) onExit(how);
      isTold = true;
    };
    let log: number | null = null;
    try {
      // The relay bounds what it writes; here go the last words of Node itself.
      log = openSync(logFile, 'a', 0o600);
      const child = spawn(execPath, [fileOf()], {
        env: { ...trust, DATA_DIR: dataDir, RELAY_PORT: String(port), RELAY_CONTROL_PORT: '0', RELAY_LOG: logFile },
        detached: true,
        stdio: ['ignore', 'ignore', log],
      });
      child.once('error', () => tell('not-started'));
      child.once('exit', (code) => tell(code));
      child.unref();
      return { signal: (signal) => void child.kill(signal) };
    } catch {
      queueMicrotask(() => tell('not-started'));
      return { signal: () => undefined };
    } finally {
      if (log !== null) closeSync(log);
    }
  };
}

function fileOf(): string {
  return fileURLToPath(childModule('../../relayMain.js', import.meta.url));
}
