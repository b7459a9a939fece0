import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { CameraId } from '../../core/camera/camera.js';
import { fileNameOf } from '../../core/fileNameOf.js';
import { writeError } from './writeError.js';

export const SLATES_FOLDER = 'slates';
const MOST_UNITS = 1_000;

/** A slate as bytes: each unit with its length of four bytes in front. */
export function packUnits(units: readonly Buffer[]): Buffer {
  return Buffer.concat(
    units.flatMap((unit) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(unit.length);
      return [length, unit];
    }),
  );
}

/** null: the bytes are not in the form of `packUnits`. */
export function unpackUnits(bytes: Buffer): readonly Buffer[] | null {
  const units: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    if (at + 4 > bytes.length || units.length >= MOST_UNITS) return null;
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end === at + 4 || end > bytes.length) return null;
    units.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return units.length === 0 ? null : units;
}

/** The slates beside the relay's file, one file for each camera. camlease can send them again, so the files are not synced. */
export class SlateFiles {
  readonly #folder: string;

  constructor(relayFolder: string) {
    this.#folder = path.join(relayFolder, SLATES_FOLDER);
  }

  /** Throws `AppError`, `DISK_FULL` on a full disk; the former slate is intact then. */
  write(id: CameraId, packed: Buffer): void {
    const file = this.#fileOf(id);
    const temporary = `${file}.tmp`;
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      writeFileSync(temporary, packed, { mode: 0o600 });
      renameSync(temporary, file);
    } catch (thrown) {
      // On a full disk the temporary file would take up space that the next try needs.
      rmSync(temporary, { force: true });
      throw writeError(file, thrown);
    }
  }

  /** The units of a camera's slate; empty: it has none that can be read. */
  read(id: CameraId): readonly Buffer[] {
    try {
      return unpackUnits(readFileSync(this.#fileOf(id))) ?? [];
    } catch {
      return [];
    }
  }

  /** Removes a camera's slate. A failure is ignored, since the camera is already removed. */
  remove(id: CameraId): void {
    try {
      rmSync(this.#fileOf(id), { force: true });
    } catch {
      // The file stays, and no stream reads it.
    }
  }

  #fileOf(id: CameraId): string {
    return path.join(this.#folder, `${fileNameOf(id)}.slate`);
  }
}
