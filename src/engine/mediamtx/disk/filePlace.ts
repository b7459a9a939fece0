import {
  chmodSync,
  closeSync,
  fchownSync,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  type Stats,
} from 'node:fs';
import { spawnSync } from 'node:child_process';
import { platform } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { PRIVATE_MODE, systemCode, writeAtomically } from './atomicFile.js';

/** A file's state, from `stat`. */
export interface FileState {
  /** Changes with each change of the file, so that the file need not be read to see one. */
  readonly stamp: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly modifiedMs: number;
  /** How many names the file has; more than one: hard links. */
  readonly names: number;
}

export interface Replacement {
  readonly bytes: Buffer;
  readonly proceed: () => boolean;
  readonly renamed: () => void;
}

const LS_TIMEOUT_MS = 2_000;
/** `-rw-r-----` */
const MODE_LENGTH = 10;

/** How many links in a row are followed, as many as Linux does. */
const MOST_LINKS = 40;

/**
 * Where MediaMTX's file is. A symbolic link is followed: the file that it points to is replaced, in its own folder, and keeps its
 * owner, group and mode.
 */
export class FilePlace {
  readonly path: string;
  readonly #writer: string | null;

  /** `writer`: distinguishes this replica's temporary files from those of others; null: there are no others. */
  constructor(path: string, writer: string | null) {
    this.path = path;
    this.#writer = writer;
  }

  /** The file's present state; null: there is no file. Throws other errors of the system. */
  state(): FileState | null {
    let stats: Stats;
    try {
      stats = statSync(this.path);
    } catch (thrown) {
      if (systemCode(thrown) === 'ENOENT') return null;
      throw thrown;
    }
    const { ino, size, mtimeMs, ctimeMs, mode, uid, gid, nlink } = stats;
    const stamp = `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
    return { stamp, mode: mode & 0o7777, uid, gid, modifiedMs: mtimeMs, names: nlink };
  }

  /** The path of the file itself, at the end of all links; it may not exist. */
  get target(): string {
    try {
      return realpathSync(this.path);
    } catch {
      let target = this.path;
      for (let step = 0; step < MOST_LINKS && isLink(target); step++)
        target = resolve(dirname(target), readlinkSync(target));
      return target;
    }
  }

  /**
   * Tries, without touching the file, whether it could be replaced and keep its owner. Throws the system's error when not; also `EMLINK`:
   * the file has hard links, which would keep the old text; `EBUSY`: it is a mount point; `EACL`: it has an access list that a new
   * file would not have.
   */
  tryReplace(state: FileState): void {
    const { target } = this;
    if (state.names > 1) throw refusal('EMLINK');
    if (isMountPoint(target)) throw refusal('EBUSY');
    const temporary = this.#temporary(target);
    rmSync(temporary, { force: true });
    const file = openSync(temporary, 'wx', PRIVATE_MODE);
    try {
      const made = fstatSync(file);
      if (made.uid !== state.uid || made.gid !== state.gid) fchownSync(file, state.uid, state.gid);
      if (hasAccessList(target) && !hasAccessList(temporary)) throw refusal('EACL');
    } finally {
      closeSync(file);
      rmSync(temporary, { force: true });
    }
  }

  /** Replaces the file; see `writeAtomically`. `state`: of the file that is replaced, whose owner and mode are kept; null: there is none. */
  async replace(state: FileState | null, { bytes, proceed, renamed }: Replacement): Promise<boolean> {
    const target = this.target;
    return writeAtomically({
      path: target,
      temporary: this.#temporary(target),
      text: bytes,
      ...(state && { mode: state.mode, owner: { uid: state.uid, gid: state.gid } }),
      proceed,
      renamed: () => {
        if (dirname(target) !== dirname(resolve(this.path))) this.#renewLink();
        renamed();
      },
    });
  }

  /** Removes these bits from the file's mode. */
  close(bits: number, { mode }: FileState): void {
    chmodSync(this.path, mode & ~bits);
  }

  /** Writes a private file at `path`, in the folder of the configured path. */
  async keep(path: string, bytes: Buffer): Promise<void> {
    await writeAtomically({ path, temporary: this.#temporary(path), text: bytes });
  }

  /**
   * MediaMTX watches the folder of its configured path: it does not see a rename in another folder, but it sees a new link. When the link
   * cannot be made anew, MediaMTX does not read the file, which the writer finds (`confirmFile`) and reports.
   */
  #renewLink(): void {
    const temporary = this.#temporary(this.path);
    try {
      rmSync(temporary, { force: true });
      symlinkSync(readlinkSync(this.path), temporary);
      renameSync(temporary, this.path);
    } catch {
      rmSync(temporary, { force: true });
    }
  }

  #temporary(path: string): string {
    return join(dirname(path), `${basename(path)}${this.#writer === null ? '' : `.${this.#writer}`}.tmp`);
  }
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false;
  }
}

/** True for a single file that is mounted (`-v ./mediamtx.yml:/mediamtx.yml`), which cannot be replaced. Known on Linux alone. */
function isMountPoint(path: string): boolean {
  try {
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
    return mounts.some((line) => line.split(' ')[4]?.replaceAll('\\040', ' ') === path);
  } catch {
    return false;
  }
}

/**
 * Whether a POSIX access list gives further users rights to a file. Node cannot read it; `ls` on Linux shows a plus behind the mode. A
 * list that the folder gives to every new file cannot be lost, so `tryReplace` compares with a new file.
 */
function hasAccessList(path: string): boolean {
  if (platform() !== 'linux') return false;
  const { stdout } = spawnSync('ls', ['-ldn', '--', path], { encoding: 'utf8', timeout: LS_TIMEOUT_MS });
  return typeof stdout === 'string' && stdout[MODE_LENGTH] === '+';
}

function refusal(code: string): Error {
  return Object.assign(new Error(code), { code });
}
