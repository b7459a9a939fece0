import type { LeftOutDocument } from '../../core/camera/leftOut.js';
import type { Vendors } from '../../core/camera/vendors.js';
import { messageOf } from '../../core/errors.js';
import type { AdoptionContext } from './adoption.js';
import { adopt, reconcile } from './adoption.js';
import { decodeCamera, isOurs, withPlainFields } from './cameraDocument.js';
import type { CameraRecord, RawDocument } from './cameraRecord.js';
import { dueAtOf, identityOf } from './cameraRecord.js';
import { DocumentFault, textOf } from './handMadeFields.js';
import { shownValue } from './shownValue.js';

/** A document read as a camera, with what other programs wrote into it; or why it is left out. */
export type Reading =
  | {
      readonly kind: 'camera';
      readonly record: CameraRecord;
      /** The document must be written back: it is new to camlease, or another program changed it. */
      readonly isStale: boolean;
    }
  | { readonly kind: 'left-out'; readonly leftOut: LeftOutDocument };

/** The one way in which documents become cameras: at every start and refresh, and in both runs of the import. */
export function readDocument(document: RawDocument, context: AdoptionContext): Reading {
  try {
    if (!isOurs(document.fields)) return { kind: 'camera', record: adopt(document, context), isStale: true };
    const { read, isMended } = decoded(document, context.vendors);
    const record = reconcile(read, context);
    return { kind: 'camera', record, isStale: isMended || record !== read || isOutdated(document, record) };
  } catch (error) {
    const cure = error instanceof DocumentFault ? error.cure : 'Correct the document, or delete it.';
    return { kind: 'left-out', leftOut: leftOutOf(document, messageOf(error), cure, context.vendors) };
  }
}

/** A document of ours that a person edited is read a second time, by what the person meant. */
function decoded(
  { id, fields }: RawDocument,
  vendors: Vendors,
): { readonly read: CameraRecord; readonly isMended: boolean } {
  try {
    const read = decodeCamera(id, fields);
    const { source } = read.camera;
    if (source.kind !== 'cloud' || vendors.has(source.vendor)) return { read, isMended: false };
  } catch {
    // Read below.
  }
  return { read: decodeCamera(id, withPlainFields(fields, vendors)), isMended: true };
}

/** The left-out document, with its device as far as that can be made out. `message` has no full stop. */
export function leftOutOf(
  { id, fields }: RawDocument,
  message: string,
  cure: string,
  vendors: Vendors,
): LeftOutDocument {
  const { rtmpPath } = fields;
  const url = typeof rtmpPath === 'string' ? vendors.parseStreamUrl(rtmpPath) : null;
  const serials = [textOf(fields['hikvisionDeviceSerial']), url?.deviceSerial];
  const channel = Number(textOf(fields['channel']) || url?.channel);
  return {
    id,
    deviceSerials: [...new Set(serials.filter((serial) => typeof serial === 'string' && serial !== ''))] as string[],
    channel: Number.isInteger(channel) && channel > 0 ? channel : null,
    resourceId: textOf(fields['hikvisionResourceId']) ?? '',
    message,
    cure,
  };
}

/**
 * A `deletedAt` of another program that means "not deleted". Queries only ask whether the field is there, so all of them would
 * miss the document.
 */
export function isDeletedInWordsOnly({ fields }: RawDocument): boolean {
  return !isOurs(fields) && [false, 0, '', 'false', 'null'].includes(fields['deletedAt'] as never);
}

export function leftOutAsDeleted(document: RawDocument, vendors: Vendors): LeftOutDocument {
  const message = `deletedAt has a wrong type or value: ${shownValue('deletedAt', document.fields['deletedAt'])}`;
  return leftOutOf(
    document,
    message,
    'Remove deletedAt from the document, or set it to null; a document with a date there counts as deleted.',
    vendors,
  );
}

/** True when the computed fields do not match the others: a person who edits a document does not update them. */
function isOutdated({ fields }: RawDocument, record: CameraRecord): boolean {
  const stored = fields['dueAt'] instanceof Date ? fields['dueAt'].getTime() : null;
  return stored !== (dueAtOf(record)?.getTime() ?? null) || (fields['identity'] ?? null) !== identityOf(record);
}
