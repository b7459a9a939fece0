import type { Camera, CameraId } from '../../core/camera/camera.js';
import type { CameraAbout } from '../../core/camera/cameraAbout.js';
import { dueAt } from '../../core/renewal/renewal.js';

/** A camera, with what the store alone needs to know of it. */
export interface CameraRecord {
  readonly camera: Camera;
  /** `camera.about` as the document has it: a write leaves alone what does not differ from it. */
  readonly aboutAsRead: CameraAbout;
  /** `rtmpPath` as the document has it; differs from the lease's URL when another program wrote it. */
  readonly rtmpPath: string;
  readonly claimOwner: string | null;
  /** Goes up by one with each claim. */
  readonly fence: number;
  /** Set for a tombstone: the camera was deleted. */
  readonly deletedAt: Date | null;
  /** Goes up by one with each write by camlease; 0 for a hand-made document that is not adopted yet. */
  readonly version: number;
}

/** A document (MongoDB) or row (SQLite) as it was read; its types are not checked yet. */
export interface RawDocument {
  readonly id: CameraId;
  /** The database's own key, where that is not the id (an ObjectId, a number). */
  readonly key?: unknown;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The moment from which the camera is due; null for a tombstone. */
export function dueAtOf(record: CameraRecord): Date | null {
  return record.deletedAt === null ? dueAt(record.camera) : null;
}

/**
 * Account, serial and channel as one text, unique among cameras. null for tombstones, for hand-made documents that lack one of
 * the three, of which there may be several, and for cameras with an address of their own: two may show the same picture.
 */
export function identityOf({ camera: { source }, deletedAt }: CameraRecord): string | null {
  if (deletedAt !== null || source.kind !== 'cloud') return null;
  if (source.account === null || source.channel === null) return null;
  return JSON.stringify([source.account, source.deviceSerial, source.channel]);
}

/** Compares cameras by name, then id, as every list sorts them. */
export function byNameThenId(a: Camera, b: Camera): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

export function idsOf(records: readonly CameraRecord[]): CameraId[] {
  return records.map(({ camera }) => camera.id);
}

/** True when both name the same account, serial and channel. */
export function isSameSource(
  { camera: { source } }: CameraRecord,
  { source: wanted }: Pick<Camera, 'source'>,
): boolean {
  return (
    source.kind === 'cloud' &&
    wanted.kind === 'cloud' &&
    source.account === wanted.account &&
    source.deviceSerial === wanted.deviceSerial &&
    source.channel === wanted.channel
  );
}

export function cameraOf(record: CameraRecord | null): Camera | null {
  return record?.camera ?? null;
}
