import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { childModule } from '../../core/childModule.js';

export interface SpawnRelayRequest {
  readonly dataDir: string;
  /** 0: any free port. */
  readonly port: number;
  readonly logFile: string;
  /** SOURCE_NETWORKS of the relay. */
  readonly sourceNetworks: string;
  /** TRANSCODES_MAX of the relay. */
  readonly mostTranscodes: number;
}

/** The exit code of a relay's process; `null`: a signal ended it; `not-started`: the process could not be started. */
export type RelayExit = number | 'not-started' | null;

/** Starts a relay; `onExit` is called once. */
export type SpawnRelay = (
  request: SpawnRelayRequest,
  onExit: (how: RelayExit) => void,
) => { signal(signal: 'SIGTERM' | 'SIGKILL'): void };

/**
 * Starts relays in a process group of their own, so that they outlive camlease. Of camlease's environment they get `trust` alone (see
 * `trustOf`), so that no credentials reach them.
 */
export function relaySpawner(execPath: string, trust: Readonly<Record<string, string>> = {}): SpawnRelay {
  return ({ dataDir, port, logFile, sourceNetworks, mostTranscodes }, onExit) => {
    let isTold = false;
    const tell = (how: RelayExit): void => {
      if (!isTold) onExit(how);
      isTold = true;
    };
    let log: number | null = null;
    try {
      // The relay writes this log itself, bounded in size. Standard error is for what Node prints when it crashes.
      log = openSync(logFile, 'a', 0o600);
      const child = spawn(execPath, [fileOf()], {
        env: {
          ...{ ...trust, DATA_DIR: dataDir, RELAY_PORT: String(port), RELAY_CONTROL_PORT: '0', RELAY_LOG: logFile },
          SOURCE_NETWORKS: sourceNetworks,
          TRANSCODES_MAX: String(mostTranscodes),
        },
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
