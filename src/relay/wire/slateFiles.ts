import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { CameraId } from '../../core/camera/camera.js';
import { fileNameOf } from '../../core/fileNameOf.js';
import { writeError } from './writeError.js';

export const SLATES_FOLDER = 'slates';
const MOST_UNITS = 1_000;

/** A stand-in picture as bytes: each unit behind its length in four bytes. */
export function packUnits(units: readonly Buffer[]): Buffer {
  return Buffer.concat(
    units.flatMap((unit) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(unit.length);
      return [length, unit];
    }),
  );
}

/** null: these bytes are no units. */
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

/** Stand-in pictures beside the relay's file, one file a camera. They can be made again, so nothing is synced. */
export class SlateFiles {
  readonly #folder: string;

  constructor(relayFolder: string) {
    this.#folder = path.join(relayFolder, SLATES_FOLDER);
  }

  /** Throws `DISK_FULL`; the one of before is intact then. */
  write(id: CameraId, packed: Buffer): void {
    const file = this.#fileOf(id);
    const temporary = `${file}.tmp`;
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      writeFileSync(temporary, packed, { mode: 0o600 });
      renameSync(temporary, file);
    } catch (thrown) {
      // On a full disk it would take the room that is missing.
      rmSync(temporary, { force: true });
      throw writeError(file, thrown);
    }
  }

  /** Empty: there is none that can be read. */
  read(id: CameraId): readonly Buffer[] {
    try {
      return unpackUnits(readFileSync(this.#fileOf(id))) ?? [];
    } catch {
      return [];
    }
  }

  /** One that cannot be removed stays: the change that it belongs to is made already. */
  remove(id: CameraId): void {
    try {
      rmSync(this.#fileOf(id), { force: true });
    } catch {
      // Nobody reads it.
    }
  }

  #fileOf(id: CameraId): string {
    return path.join(this.#folder, `${fileNameOf(id)}.slate`);
  }
}
