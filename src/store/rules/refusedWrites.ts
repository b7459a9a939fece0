import { isDeepStrictEqual } from 'node:util';
import type { CameraId } from '../../core/camera/camera.js';
import type { DocumentChange } from '../driver.js';
import type { CameraDocument } from '../reading/cameraDocument.js';
import type { RefusedCamera } from '../refusals.js';
import type { DocumentWarnings } from '../documentWarnings.js';

/** A write that was not tried again for this long is no longer wanted: a listing comes every quarter of an hour. */
const HELD_MS = 86_400_000;
/** These fields change with every write, so they do not say what a write was for. */
const OF_EVERY_WRITE: ReadonlySet<string> = new Set([
  'version',
  'updatedAt',
  'fence',
  'claimOwner',
  'dueAt',
] satisfies (keyof CameraDocument)[]);

interface Held {
  readonly refused: RefusedCamera;
  /** The fields that the write changed; empty: a claim, or a camera that is not stored yet. */
  readonly fields: ReadonlySet<string>;
  readonly atMs: number;
}

/**
 * Writes that the database refused, until it takes a write of the same fields or the missing camera. Kept in memory, so that a
 * refusal can be shown though it cannot be stored.
 */
export class RefusedWrites {
  readonly #lines: DocumentWarnings;
  readonly #nowMs: () => number;
  readonly #held = new Map<CameraId, Held>();

  constructor(lines: DocumentWarnings, nowMs: () => number) {
    this.#lines = lines;
    this.#nowMs = nowMs;
  }

  all(): ReadonlyMap<CameraId, RefusedCamera> {
    const nowMs = this.#nowMs();
    for (const [id, { atMs }] of this.#held) if (nowMs - atMs > HELD_MS) this.forget(id);
    return new Map([...this.#held].map(([id, { refused }]) => [id, refused]));
  }

  /** `change` null: the camera is not stored yet. */
  add(refused: RefusedCamera, change: DocumentChange | null): void {
    const fields = change === null ? new Set<string>() : fieldsOf(change);
    this.#held.set(refused.cameraId, { refused, fields, atMs: this.#nowMs() });
    const { cameraId, message, cure } = refused;
    this.#lines.warnOnce(cameraId, `The camera ${cameraId} could not be stored: ${message}`, cure);
  }

  /** The database took a write; one of other fields says nothing about those that were refused. */
  accepted(change: DocumentChange): void {
    const { id } = change.before;
    const held = this.#held.get(id);
    if (!held) return;
    const written = fieldsOf(change);
    if ([...held.fields].every((field) => written.has(field))) this.forget(id);
  }

  forget(id: CameraId): void {
    if (this.#held.delete(id)) this.#lines.forget(id);
  }
}

function fieldsOf({ before, after }: DocumentChange): Set<string> {
  const changed = Object.entries(after).filter(
    ([name, value]) => !isDeepStrictEqual(plain(before.fields[name]), plain(value)),
  );
  return new Set(changed.map(([name]) => name).filter((name) => !OF_EVERY_WRITE.has(name)));
}

/** Dates as text: SQLite's JSON has text, MongoDB has dates. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null));
}
