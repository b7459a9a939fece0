import { mkdir, open, readdir, readFile, rename, rm, rmdir, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import type { CameraId } from '../../core/camera/camera.js';
import { isCameraId } from '../../core/camera/cameraIdForm.js';
import type { Clock } from '../../core/clock.js';
import { AppError, messageOf } from '../../core/errors.js';
import {
  dayBefore,
  isSnapshotDay,
  snapshotMoment,
  snapshotTimeOf,
  type KeptSnapshot,
} from '../../core/pictures/snapshotNames.js';
import type { Picture, PictureStore } from '../pictureStore.js';
import { DayBooks } from './dayBooks.js';

/** The folder's name in `DATA_DIR`: `snapshots/<camera id>/<YYYY-MM-DD>/<HH-MM-SS>.jpg`. */
export const SNAPSHOTS_FOLDER = 'snapshots';

export interface SnapshotFolderOptions {
  readonly folder: string;
  /** Days that are kept, today among them. */
  readonly keepDays: number;
  readonly maxBytes: number;
  readonly clock: Clock;
  readonly log: { warn(message: string): void };
  /** An IANA name; absent: the process's own. */
  readonly timeZone?: string;
  /** Writes the bytes and brings them to the disk; absent: to the machine's disk. Tests simulate a full one. */
  readonly write?: (file: string, bytes: Buffer) => Promise<void>;
}

/**
 * Keeps each picture of a camera as a file, for some days and up to some bytes; the oldest go first. A file is whole or not there,
 * however the process ends. What cannot be kept is told by `problem`, and stops nothing.
 */
export class SnapshotFolder {
  readonly #options: SnapshotFolderOptions;
  readonly #books = new DayBooks();
  /** Writes and removals follow one another. */
  #work: Promise<void>;
  #problem: string | null = null;
  #isClosed = false;

  constructor(options: SnapshotFolderOptions) {
    this.#options = options;
    this.#work = this.#inTurn(this.#readFolder());
  }

  /** Why the latest snapshot was not kept; null: it was. */
  problem(): string | null {
    return this.#problem;
  }

  /** The same store of pictures, which also keeps here what it saves. It does not wait for the disk. */
  around(pictures: PictureStore): PictureStore {
    return {
      savePicture: async (id, picture) => {
        await pictures.savePicture(id, picture);
        void this.keep(id, picture);
      },
      getPicture: (id) => pictures.getPicture(id),
      saveImage: (id, image) => pictures.saveImage(id, image),
      getImage: (id) => pictures.getImage(id),
      removeImage: (id) => pictures.removeImage(id),
    };
  }

  /** Resolves when the picture is kept, or `problem` says why not. */
  keep(id: CameraId, picture: Picture): Promise<void> {
    if (this.#isClosed || !isCameraId(id)) return this.#work;
    return (this.#work = this.#work.then(() => this.#inTurn(this.#keep(id, picture))));
  }

  /** How many snapshots of this camera each day has, newest day first. */
  async days(id: CameraId): Promise<ReadonlyArray<{ readonly day: string; readonly count: number }>> {
    const days = (await names(path.join(this.#options.folder, id))).filter(isSnapshotDay).sort().reverse();
    const counted = await Promise.all(days.map(async (day) => ({ day, count: (await this.#files(id, day)).length })));
    return counted.filter(({ count }) => count > 0);
  }

  /** Oldest first. */
  async ofDay(id: CameraId, day: string): Promise<readonly KeptSnapshot[]> {
    const files = await this.#files(id, day);
    const found = await Promise.all(files.map((file) => this.#snapshot(id, day, file)));
    return found.flatMap((one) => (one === null ? [] : [one])).sort((a, b) => +a.takenAt - +b.takenAt);
  }

  /** null: there is none. */
  async read({ cameraId, day, time }: Pick<KeptSnapshot, 'cameraId' | 'day' | 'time'>): Promise<Buffer | null> {
    return readFile(this.#path(cameraId, day, `${time}.jpg`)).catch(() => null);
  }

  /** Resolves when nothing is written any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#work;
  }

  async #keep(id: CameraId, { jpeg, takenAt }: Picture): Promise<void> {
    await this.#dropOldDays();
    await this.#makeRoom(jpeg.length);
    const { day, time } = snapshotMoment(takenAt, this.#options.timeZone);
    const file = this.#path(id, day, `${time}.jpg`);
    const temporary = this.#path(id, day, `.${time}.tmp`);
    const replaced = await sizeOf(file);
    try {
      await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
      await (this.#options.write ?? writeSynced)(temporary, jpeg);
      await utimes(temporary, takenAt, takenAt);
      await rename(temporary, file);
    } catch (thrown) {
      // On a full disk the temporary file would take up space that the next try needs.
      await rm(temporary, { force: true });
      throw thrown;
    }
    this.#books.count(day, id, jpeg.length - replaced);
  }

  /** Days end by the calendar of this machine's time zone. */
  async #dropOldDays(): Promise<void> {
    const { clock, keepDays, timeZone } = this.#options;
    const first = dayBefore(snapshotMoment(clock.now(), timeZone).day, keepDays - 1);
    for (let day = this.#books.oldestDay(); day !== null && day < first; day = this.#books.oldestDay()) {
      for (const camera of this.#books.cameras(day)) await this.#dropDay(day, camera);
    }
  }

  /** Removes the oldest files, whichever camera they are of, until so many bytes fit. */
  async #makeRoom(bytes: number): Promise<void> {
    const most = this.#options.maxBytes - bytes;
    for (let day = this.#books.oldestDay(); day !== null && this.#books.bytes > most; day = this.#books.oldestDay()) {
      const cameras = this.#books.cameras(day);
      const all = await Promise.all(cameras.map((camera) => this.ofDay(camera, day)));
      const oldestFirst = all.flat().sort((a, b) => +a.takenAt - +b.takenAt);
      for (const { cameraId, time, bytes: gone } of oldestFirst) {
        if (this.#books.bytes <= most) return;
        await rm(this.#path(cameraId, day, `${time}.jpg`), { force: true });
        this.#books.count(day, cameraId, -gone);
      }
      for (const camera of cameras) await this.#dropDay(day, camera);
    }
  }

  async #dropDay(day: string, camera: string): Promise<void> {
    await rm(path.join(this.#options.folder, camera, day), { recursive: true, force: true });
    // Stays while it holds another day.
    await rmdir(path.join(this.#options.folder, camera)).catch(() => undefined);
    this.#books.forget(day, camera);
  }

  /** What an earlier process kept; what it left half-written goes. */
  async #readFolder(): Promise<void> {
    const { folder } = this.#options;
    for (const camera of (await names(folder)).filter(isCameraId)) {
      for (const day of (await names(path.join(folder, camera))).filter(isSnapshotDay)) {
        let bytes = 0;
        for (const file of await names(path.join(folder, camera, day))) {
          if (snapshotTimeOf(file) === null) await rm(this.#path(camera, day, file), { force: true, recursive: true });
          else bytes += await sizeOf(this.#path(camera, day, file));
        }
        this.#books.count(day, camera, bytes);
      }
    }
    await this.#dropOldDays();
    await this.#makeRoom(0);
  }

  /** Never throws: a snapshot that is not kept harms nothing else. */
  async #inTurn(work: Promise<void>): Promise<void> {
    const before = this.#problem;
    this.#problem = await work.then(
      () => null,
      (thrown: unknown) => problemOf(thrown),
    );
    if (this.#problem !== null && this.#problem !== before) this.#options.log.warn(this.#problem);
  }

  async #files(id: CameraId, day: string): Promise<string[]> {
    return (await names(path.join(this.#options.folder, id, day))).filter((file) => snapshotTimeOf(file) !== null);
  }

  async #snapshot(cameraId: CameraId, day: string, file: string): Promise<KeptSnapshot | null> {
    const found = await stat(this.#path(cameraId, day, file)).catch(() => null);
    const time = snapshotTimeOf(file);
    return found && time !== null ? { cameraId, day, time, takenAt: found.mtime, bytes: found.size } : null;
  }

  #path(id: CameraId, day: string, file: string): string {
    return path.join(this.#options.folder, id, day, file);
  }
}

async function writeSynced(file: string, bytes: Buffer): Promise<void> {
  const handle = await open(file, 'w', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The names in a folder; none: it is not there. */
function names(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => null))?.size ?? 0;
}

function problemOf(thrown: unknown): string {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT' || (thrown instanceof AppError && thrown.code === 'DISK_FULL')) {
    return 'Snapshots are not kept: the disk of DATA_DIR is full. Free some space, or set SNAPSHOTS_MAX_GB lower.';
  }
  return `Snapshots are not kept: ${messageOf(thrown)}.`;
}
