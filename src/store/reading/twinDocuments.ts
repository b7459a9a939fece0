import type { CameraId } from '../../core/camera/camera.js';
import type { LeftOutDocument } from '../../core/camera/leftOut.js';
import type { Vendors } from '../../core/camera/vendors.js';
import { isOurs } from './cameraDocument.js';
import type { RawDocument } from './cameraRecord.js';
import { leftOutOf } from './documentReading.js';

/**
 * Which of two twins is the camera, first to last: copies made by export and import have text where the original has an
 * ObjectId.
 */
const TYPES = ['object', 'string', 'number'];

interface Seen {
  readonly type: string;
  readonly isOurs: boolean;
  readonly isTwin: boolean;
}

/**
 * Documents of MongoDB whose different `_id`s have the same text (7 and "7"). They would be one camera under one id, and each
 * write would reach both: one of them is the camera, and the others are left out. A camera that was deleted in camlease counts
 * too, or its twin would take its place under the same address.
 */
export class TwinDocuments {
  /** For each id with several documents: the type of the `_id` that is the camera's. */
  #served: ReadonlyMap<CameraId, string> = new Map();

  isTwin({ id, key }: RawDocument): boolean {
    const served = this.#served.get(id);
    return served !== undefined && served !== typeof key;
  }

  /** A pass over all documents: call `see` for each, then `end`, which returns false when the twins are not those known before. */
  begin(): { see(document: RawDocument): void; end(): boolean } {
    const seen = new Map<CameraId, Seen>();
    return {
      see: ({ id, key, fields }) => {
        const one = { type: typeof key, isOurs: isOurs(fields) };
        const other = seen.get(id);
        if (!other) seen.set(id, { ...one, isTwin: false });
        else seen.set(id, { ...(isBefore(one, other) ? one : other), isTwin: true });
      },
      end: () => {
        const before = this.#served;
        const twins = [...seen].filter(([, { isTwin }]) => isTwin);
        // The same document stays the camera while both exist.
        this.#served = new Map(twins.map(([id, { type }]) => [id, before.get(id) ?? type]));
        return this.#served.size === before.size && twins.every(([id]) => before.has(id));
      },
    };
  }
}

/** The report on a left-out twin, under an id that no camera has, since its own id is the camera's. */
export function leftOutTwin(document: RawDocument, vendors: Vendors): LeftOutDocument {
  const { id, key } = document;
  const type = typeof key === 'object' ? 'an ObjectId or UUID' : typeof key === 'string' ? 'text' : 'a number';
  const message = `its _id is ${id} as ${type}, and another document has the same _id as a value of another type`;
  const cure = 'Delete one of the two, or store this document again under another _id.';
  return { ...leftOutOf(document, message, cure, vendors), id: `${id} (as ${type})` };
}

function isBefore(one: Omit<Seen, 'isTwin'>, other: Seen): boolean {
  if (one.isOurs !== other.isOurs) return one.isOurs;
  return TYPES.indexOf(one.type) < TYPES.indexOf(other.type);
}
