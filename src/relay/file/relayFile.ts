import {
  closeSync,
  copyFileSync,
  fdatasync,
  fstatSync,
  fsync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { CameraId } from '../../core/camera/camera.js';
import { AppError, messageOf } from '../../core/errors.js';
import type { RelayCamera } from '../../core/streams/relay.js';
import type { ToldCamera } from '../wire/wire.js';
import { hasCode, writeError } from '../wire/writeError.js';
import { cameraLine, fenceLine, headLine, NewerFileError, readLine, type FileHead } from './fileLines.js';

export const RELAY_FILE = 'relay.jsonl';
const MODE = 0o600;
/** The file is rewritten when it has more lines than twice the number of cameras plus this many. */
const SPARE_LINES = 1_000;

const syncData = promisify(fdatasync);
const syncAll = promisify(fsync);

export interface RelayFileOptions {
  readonly folder: string;
  readonly newSecret: () => string;
  /** Absent: writes to the disk. Tests simulate a full one. */
  readonly writeTo?: (file: number, text: string) => void;
}

/**
 * Keeps on disk the cameras that the relay got, so that it serves without camlease. A change is appended and synced before it is acknowledged; the
 * file is rewritten when most of its lines are outdated. Only the relay's parent writes it. A last line that is cut off (the parent was
 * killed while writing) is dropped; when any other line cannot be read, a copy of the file is kept beside it.
 */
export class RelayFile {
  readonly path: string;
  /** A sentence for the log about lines that could not be read; null: all could be read. */
  readonly trouble: string | null;
  readonly head: FileHead;
  readonly #options: RelayFileOptions;
  readonly #cameras: Map<CameraId, RelayCamera>;
  #fence: number;
  #file: number;
  #lines: number;
  /** The file may end in half a line or has no head, so the next change rewrites it as a whole. */
  #isTorn = false;
  #writing: Promise<void> = Promise.resolve();

  private constructor(options: RelayFileOptions, found: Found) {
    this.#options = options;
    this.path = path.join(options.folder, RELAY_FILE);
    this.trouble = found.trouble;
    this.head = found.head ?? { reader: options.newSecret(), control: options.newSecret() };
    this.#cameras = found.cameras;
    this.#fence = found.fence;
    this.#lines = found.lines;
    this.#file = openSync(this.path, 'a', MODE);
    this.#isTorn = found.head === null || found.isTorn || found.trouble !== null;
  }

  /** Throws `AppError` `CONFIG_INVALID` with a cure where the folder cannot be used or a newer camlease wrote the file. */
  static async open(options: RelayFileOptions): Promise<RelayFile> {
    try {
      mkdirSync(options.folder, { recursive: true, mode: 0o700 });
      const file = new RelayFile(options, find(path.join(options.folder, RELAY_FILE)));
      if (file.#isTorn) await file.#writeAnew();
      return file;
    } catch (thrown) {
      throw folderError(options.folder, thrown);
    }
  }

  get cameras(): ReadonlyMap<CameraId, RelayCamera> {
    return this.#cameras;
  }

  get fence(): number {
    return this.#fence;
  }

  /** Resolves when the change is on the disk. When a write fails (`DISK_FULL` on a full disk), nothing has changed. */
  change(changes: readonly ToldCamera[], fence: number): Promise<void> {
    const written = this.#writing.then(() => this.#change(changes, fence));
    this.#writing = written.catch(() => undefined);
    return written;
  }

  close(): void {
    closeSync(this.#file);
  }

  async #change(changes: readonly ToldCamera[], fence: number): Promise<void> {
    const isNewFence = fence !== this.#fence;
    const texts = changes.map(([id, camera]) => cameraLine(id, camera));
    if (isNewFence) texts.unshift(fenceLine(fence));
    if (texts.length === 0) return;
    const cameras = new Map(this.#cameras);
    for (const [id, camera] of changes) {
      if (camera === null) cameras.delete(id);
      else cameras.set(id, camera);
    }
    const isMostlyOld = this.#lines + texts.length > 2 * cameras.size + SPARE_LINES;
    if (this.#isTorn || isMostlyOld) await this.#writeAnew(cameras, fence);
    else await this.#append(texts.join(''), texts.length);
    this.#fence = fence;
    for (const [id, camera] of changes) {
      if (camera === null) this.#cameras.delete(id);
      else this.#cameras.set(id, camera);
    }
  }

  async #append(text: string, lines: number): Promise<void> {
    const { writeTo = writeAll } = this.#options;
    const { size } = fstatSync(this.#file);
    this.#isTorn = true;
    try {
      writeTo(this.#file, text);
      await syncData(this.#file);
    } catch (thrown) {
      cutTo(this.#file, size);
      throw writeError(this.path, thrown);
    }
    this.#isTorn = false;
    this.#lines += lines;
  }

  async #writeAnew(cameras: ReadonlyMap<CameraId, RelayCamera> = this.#cameras, fence = this.#fence): Promise<void> {
    const { writeTo = writeAll } = this.#options;
    const temporary = `${this.path}.tmp`;
    let file: number | null = null;
    try {
      file = openSync(temporary, 'w', MODE);
      const texts = [...cameras].map(([id, camera]) => cameraLine(id, camera));
      writeTo(file, [headLine(this.head), fenceLine(fence), ...texts].join(''));
      await syncAll(file);
      renameSync(temporary, this.path);
    } catch (thrown) {
      if (file !== null) closeSync(file);
      // On a full disk the temporary file would take up space that the next try needs.
      rmSync(temporary, { force: true });
      throw writeError(this.path, thrown);
    }
    closeSync(this.#file);
    closeSync(file);
    this.#file = openSync(this.path, 'a', MODE);
    this.#lines = cameras.size + 2;
    this.#isTorn = false;
    await syncFolder(path.dirname(this.path));
  }
}

/** True only where the system says that the file does not exist; false also on any other error. */
export function isGone(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false }) === undefined;
  } catch {
    return false;
  }
}

interface Found {
  readonly head: FileHead | null;
  readonly fence: number;
  readonly cameras: Map<CameraId, RelayCamera>;
  readonly lines: number;
  /** The file ends without a newline: its last line was not written to the end. */
  readonly isTorn: boolean;
  readonly trouble: string | null;
}

function find(file: string): Found {
  const cameras = new Map<CameraId, RelayCamera>();
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (thrown) {
    if (!hasCode(thrown, 'ENOENT')) throw thrown;
    return { head: null, fence: 0, cameras, lines: 0, isTorn: false, trouble: null };
  }
  const lines = text.split('\n');
  const last = lines.pop();
  let head: FileHead | null = null;
  let fence = 0;
  let unreadable = 0;
  for (const line of lines) {
    const read = readLine(line);
    if (read === null) unreadable += 1;
    else if (read.kind === 'head') head = { reader: read.reader, control: read.control };
    else if (read.kind === 'fence') fence = read.fence;
    else if (read.camera === null) cameras.delete(read.id);
    else cameras.set(read.id, read.camera);
  }
  const isUnreadable = unreadable > 0 || (head === null && text !== '');
  return {
    ...{ head, fence, cameras, lines: lines.length },
    isTorn: last !== '',
    trouble: isUnreadable ? keepAside(file, unreadable) : null,
  };
}

/** Copies a file with unreadable lines to `<file>.unreadable`, for the operator. The readable lines stay in use. Returns a sentence for the log. */
function keepAside(file: string, unreadable: number): string {
  const aside = `${file}.unreadable`;
  copyFileSync(file, aside);
  const count = unreadable === 0 ? 'Its first line is' : unreadable === 1 ? 'One line is' : `${unreadable} lines are`;
  return `The relay's file could not be read as a whole. ${count} unreadable; a copy is kept as ${aside}.`;
}

function writeAll(file: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
}

/** Removes what a failed append left, which would take up space that the rewrite needs. Workers see that the file is shorter, and read it again. */
function cutTo(file: number, size: number): void {
  try {
    ftruncateSync(file, size);
  } catch {
    // `#isTorn` stays true, so the next change rewrites the file.
  }
}

async function syncFolder(folder: string): Promise<void> {
  let file: number;
  try {
    file = openSync(folder, 'r');
  } catch {
    return; // some file systems do not let a folder be opened
  }
  await syncAll(file).catch(() => undefined);
  closeSync(file);
}

/** The error, with its cure, for a folder that the relay cannot use or a file that a newer camlease wrote. */
export function folderError(folder: string, cause: unknown): unknown {
  if (cause instanceof AppError) return cause;
  if (cause instanceof NewerFileError) {
    return new AppError('CONFIG_INVALID', `The relay's file in ${folder} was written by a newer camlease.`, {
      cure: 'Start the newer version, or remove the folder: camlease sends the relay all cameras again.',
      cause,
    });
  }
  return new AppError('CONFIG_INVALID', `The relay's folder ${folder} cannot be used (${messageOf(cause)}).`, {
    cure: 'Make it writable for the user that runs the relay, or set another folder with DATA_DIR.',
    cause,
  });
}
