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

/** One state of a file. */
export interface FileLook {
  /** Tells it from another one without reading it. */
  readonly stamp: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly modifiedMs: number;
  /** Names that the file has; more than one: hard links. */
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

/** Links that lead to links, as many as Linux follows. */
const MOST_LINKS = 40;

/**
 * Where MediaMTX's file lies. A link is followed: the file that it leads to is replaced, in that one's folder, and keeps its owner,
 * group and mode.
 */
export class FilePlace {
  readonly path: string;
  readonly #writer: string | null;

  /** `writer`: tells this process's temporary files from those of others; null: there are none. */
  constructor(path: string, writer: string | null) {
    this.path = path;
    this.#writer = writer;
  }

  /** null: there is no file. Throws what the system says otherwise. */
  look(): FileLook | null {
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

  /** Where its bytes are, or would be: the end of all links. */
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
   * Tries, without touching the file, whether it could be replaced and keep its owner, and leave no other name of it behind. Throws what
   * the system says when not; `EMLINK`: it has hard links; `EACL`: it has an access list that a new file would not have.
   */
  tryReplace(look: FileLook): void {
    const { target } = this;
    if (look.names > 1) throw refusal('EMLINK');
    if (isMountPoint(target)) throw refusal('EBUSY');
    const temporary = this.#temporary(target);
    rmSync(temporary, { force: true });
    const file = openSync(temporary, 'wx', PRIVATE_MODE);
    try {
      const made = fstatSync(file);
      if (made.uid !== look.uid || made.gid !== look.gid) fchownSync(file, look.uid, look.gid);
      if (hasAccessList(target) && !hasAccessList(temporary)) throw refusal('EACL');
    } finally {
      closeSync(file);
      rmSync(temporary, { force: true });
    }
  }

  /** False: `proceed` said no. Throws `DISK_FULL`, and what the system says. `look`: what is replaced; null: there is none. */
  async replace(look: FileLook | null, { bytes, proceed, renamed }: Replacement): Promise<boolean> {
    const target = this.target;
    return writeAtomically({
      path: target,
      temporary: this.#temporary(target),
      text: bytes,
      ...(look && { mode: look.mode, owner: { uid: look.uid, gid: look.gid } }),
      proceed,
      renamed: () => {
        if (dirname(target) !== dirname(resolve(this.path))) this.#renewLink();
        renamed();
      },
    });
  }

  /** Takes these bits from the file's mode. */
  close(bits: number, { mode }: FileLook): void {
    chmodSync(this.path, mode & ~bits);
  }

  /** Puts a private file beside the configured path. */
  async keep(path: string, bytes: Buffer): Promise<void> {
    await writeAtomically({ path, temporary: this.#temporary(path), text: bytes });
  }

  /**
   * MediaMTX looks at the folder of the path that it was given: a rename in another folder is not seen by it, a link that is made anew is.
   * Where that cannot be done, MediaMTX does not read the file, which is found and said by whoever waits for it.
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

/** A single file that is mounted (`-v ./mediamtx.yml:/mediamtx.yml`) cannot be replaced by another one. Known on Linux alone. */
function isMountPoint(path: string): boolean {
  try {
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
    return mounts.some((line) => line.split(' ')[4]?.replaceAll('\\040', ' ') === path);
  } catch {
    return false;
  }
}

/**
 * Whether users beside owner and group have rights to a file (POSIX access lists). Node cannot ask; `ls` of Linux shows a plus behind
 * the mode. One that the folder gives to every new file is none that can be lost.
 */
function hasAccessList(path: string): boolean {
  if (platform() !== 'linux') return false;
  const { stdout } = spawnSync('ls', ['-ldn', '--', path], { encoding: 'utf8', timeout: LS_TIMEOUT_MS });
  return typeof stdout === 'string' && stdout[MODE_LENGTH] === '+';
}

function refusal(code: string): Error {
  return Object.assign(new Error(code), { code });
}
