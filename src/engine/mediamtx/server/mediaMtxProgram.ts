import { spawn as spawnProcess } from 'node:child_process';
import { constants, closeSync, openSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { PRIVATE_MODE } from '../disk/atomicFile.js';

export interface SpawnRequest {
  readonly program: string;
  readonly configPath: string;
  readonly env: Readonly<Record<string, string>>;
  /** The file to which the program's output is appended. */
  readonly logPath: string;
}

/** Starts a program. `onExit` is called once, also when it could not be started. `pid`: null when it could not. */
export type Spawn = (request: SpawnRequest, onExit: (how: string) => void) => { readonly pid: number | null };

/** Starts MediaMTX in a process group of its own, so that it outlives camlease (viewers keep their picture) and gets no Ctrl-C. */
export const spawnMediaMtx: Spawn = ({ program, configPath, env, logPath }, onExit) => {
  const log = openSync(logPath, 'a', PRIVATE_MODE);
  try {
    const child = spawnProcess(program, [configPath], { env, detached: true, stdio: ['ignore', log, log] });
    let told = false;
    const tell = (how: string): void => {
      if (!told) onExit(how);
      told = true;
    };
    child.once('error', (error) => tell(`could not be started: ${error.message}`));
    child.once('exit', (code, signal) => tell(signal ? `was ended by ${signal}` : `exited with ${code ?? 'no'} code`));
    child.unref();
    return { pid: child.pid ?? null };
  } finally {
    closeSync(log);
  }
};

/** The program to start: `bin` (`MEDIAMTX_BIN`) when set, else the first `mediamtx` in the folders of `path`; null: none is executable. */
export async function findMediaMtxProgram(bin: string | null, path: string): Promise<string | null> {
  const folders = path.split(delimiter).filter((folder) => folder !== '');
  const candidates =
    bin === null
      ? folders.map((folder) => join(folder, 'mediamtx'))
      : isAbsolute(bin) || bin.includes('/')
        ? [bin]
        : folders.map((folder) => join(folder, bin));
  for (const candidate of candidates) if (await isProgram(candidate)) return candidate;
  return null;
}

/**
 * MediaMTX's environment: its own settings from ours, but none of camlease's keys. Switches its API on at `apiUrl`, whatever its file
 * says.
 */
export function mediaMtxEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  apiUrl: string,
): Record<string, string> {
  const isForIt = (name: string): boolean => name.startsWith('MTX_') || ['PATH', 'HOME', 'TZ', 'LANG'].includes(name);
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) if (value !== undefined && isForIt(name)) kept[name] = value;
  return { ...kept, MTX_API: 'yes', MTX_APIADDRESS: new URL(apiUrl).host };
}

async function isProgram(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
