import { CAMERA_ID_FORM, isCameraId } from '../../core/camera/cameraIdForm.js';
import { CAMERA_MODES, QUALITY_SETTINGS } from '../../core/camera/camera.js';
import type { Camera, Failure } from '../../core/camera/camera.js';
import type { Random } from '../../core/clock.js';
import { foundLease } from '../../core/renewal/foundLease.js';
import { comparedSerial } from '../../core/camera/leftOut.js';
import type { Lease } from '../../core/camera/lease.js';
import { WHEN_GONE } from '../../core/camera/whenGone.js';
import { isCloudCamera } from '../../core/camera/cameraSource.js';
import { plainStreamUrl } from '../../core/camera/streamUrl.js';
import type { Vendors } from '../../core/camera/vendors.js';
import { decodeAbout } from './aboutFields.js';
import type { CameraRecord, RawDocument } from './cameraRecord.js';
import { DocumentFault, HandMadeFields } from './handMadeFields.js';
import { retire } from './retiredUrls.js';
import { soundOf } from './cameraDocument.js';
import { shownValue } from './shownValue.js';

export interface AdoptionContext {
  readonly vendors: Vendors;
  /** Names of the configured accounts; absent: any name is accepted. */
  readonly accounts?: readonly string[];
  readonly random: Random;
  readonly now: Date;
}

/** The longest serial or vendor's id that is accepted; real ones are far shorter. */
const LONGEST_WORD = 128;

export const FOREIGN_REWRITE_NOTICE =
  'Another program (an old cron job?) rewrites rtmpPath of this camera. Stop that program: camlease renews the URL by itself.';

/**
 * Makes a camera from a document that camlease did not write. Throws `DocumentFault`, which says what is wrong with the
 * document.
 */
export function adopt(document: RawDocument, context: AdoptionContext): CameraRecord {
  if (!isCameraId(document.id)) throw noPathName(document);
  const read = new HandMadeFields(document.fields);
  const rtmpPath = addressOf(read, document);
  const url = context.vendors.parseStreamUrl(rtmpPath);
  const deviceSerial = serialOf(read, document, url?.deviceSerial ?? null);
  const status = read.status('status');
  const about = decodeAbout(document.fields);
  const camera: Camera = {
    id: document.id,
    name: read.name('name', deviceSerial),
    source: {
      kind: 'cloud',
      vendor: read.vendor('vendor', context.vendors),
      account: accountOf(read, document, context),
      deviceSerial,
      channel: read.channel('channel', url?.channel ?? null),
      resourceId: read.text('hikvisionResourceId').slice(0, LONGEST_WORD),
    },
    enabled: read.flag('hikvisionEnabled', true),
    status,
    mode: read.choice('mode', CAMERA_MODES, 'on-demand'),
    quality: read.choice('quality', QUALITY_SETTINGS, 'auto'),
    learnedQuality: null,
    errorClipCheck: read.preference('errorClipCheck', true),
    whenGone: read.choice('whenGone', WHEN_GONE, 'slate'),
    sound: soundOf(document.fields),
    labels: read.words('labels'),
    about,
    origin: 'hand-made',
    feed: null,
    lease: null,
    candidate: null,
    lastRevision: 0,
    failure: null,
    notice: read.remarks.length > 0 ? read.remarks.join(' ') : null,
    missingSince: status === 'missing' ? context.now : null,
    retiredUrlIds: [],
    createdAt: read.date('createdAt') ?? context.now,
    updatedAt: context.now,
  };
  // Another program's counter: our versions continue from it, so that each write still changes the number.
  const { version } = document.fields;
  const from = typeof version === 'number' && Number.isSafeInteger(version) && version > 0 ? version : 0;
  return reconcile(
    { camera, aboutAsRead: about, rtmpPath, claimOwner: null, fence: 0, deletedAt: null, version: from },
    context,
  );
}

function noPathName({ id }: RawDocument): DocumentFault {
  return new DocumentFault(
    `its _id cannot be a path name: it is ${shownValue('_id', id)}, and only ${CAMERA_ID_FORM} can be one`,
    'Store the document again under an _id that can be one: text, a number, an ObjectId or a UUID.',
  );
}

/** The text of `rtmpPath`, also where it stands in a list with one element. */
function addressOf(read: HandMadeFields, { fields }: RawDocument): string {
  const { rtmpPath } = fields;
  const inList: unknown = Array.isArray(rtmpPath) && rtmpPath.length === 1 ? rtmpPath[0] : rtmpPath;
  if (inList === undefined || inList === null) return '';
  if (typeof inList === 'string') return plainStreamUrl(inList);
  read.remark('The rtmpPath of this document is not text; camlease asks the cloud for a URL instead.');
  return '';
}

/** The device's serial. The URL's spelling wins where both mean the same device, and where the field is no text. */
function serialOf(read: HandMadeFields, { fields }: RawDocument, ofUrl: string | null): string {
  const field = 'hikvisionDeviceSerial';
  const text = read.text(field);
  if (text === '' || text.length > LONGEST_WORD) {
    if (ofUrl !== null) return ofUrl;
    if (!read.isOdd(field) && text === '')
      throw new DocumentFault(`${field} is missing`, `Set ${field} to the serial that the vendor's app shows.`);
    throw DocumentFault.of(field, fields[field], "the serial that the vendor's app shows");
  }
  if (ofUrl === null) return text;
  const [said, played] = [comparedSerial(text), comparedSerial(ofUrl)];
  // The sticker's long form ends with the short one. A number has lost its leading zeros, and the URL has played.
  if (said.endsWith(played) || read.isOdd(field)) return ofUrl;
  read.remark(
    `This document says ${field}: ${shownValue(field, text)}, but its URL belongs to ${shownValue(field, ofUrl)}.`,
  );
  return text;
}

function accountOf(read: HandMadeFields, { fields }: RawDocument, { accounts }: AdoptionContext): string | null {
  const account = read.text('account');
  if (account === '' || !(accounts?.includes(account) === false)) return account === '' ? null : account;
  read.remark(
    `This document says account: ${shownValue('account', fields['account'])}, which is not configured; the next listing shows which account the camera belongs to.`,
  );
  return null;
}

/**
 * Takes over what another program wrote into `rtmpPath`: a live URL of an allowed host becomes the newest lease; anything else
 * is replaced by our own URL. Returns the same object when nothing was rewritten.
 */
export function reconcile(record: CameraRecord, context: AdoptionContext): CameraRecord {
  const { camera, rtmpPath } = record;
  // Another program's `rtmpPath` means nothing to a camera that no cloud leases URLs for.
  if (record.deletedAt !== null || !isCloudCamera(camera)) return record;
  const own = camera.lease?.url ?? '';
  // The same URL in another form (MediaMTX's, or with a line end) changes nothing.
  if (rtmpPath === own || plainStreamUrl(rtmpPath) === own)
    return camera.lease === null ? withoutRefusal(record, context) : record;
  const found = readPath(rtmpPath, context);
  switch (found.kind) {
    case 'lease':
      return withForeignLease(record, found.lease, context);
    case 'refused':
      return camera.lease === null ? withRefusal(record, context) : withOwnUrl(record, context);
    case 'dead':
      return camera.lease === null ? withoutRefusal(record, context) : withOwnUrl(record, context);
  }
}

/** What a URL in `rtmpPath` is: a live one, one of a host that is not allowed, or none that can be played. */
export type ReadPath =
  | { readonly kind: 'lease'; readonly lease: Omit<Lease, 'revision'> }
  | { readonly kind: 'refused' }
  | { readonly kind: 'dead'; readonly reason: 'empty' | 'expired' | 'no-expiry' | 'not-rtmp' };

/** What the URL in `rtmpPath` is worth. Its lease counts as obtained now, since the URL does not tell when it was obtained. */
export function readPath(rtmpPath: string, { vendors, random, now }: AdoptionContext): ReadPath {
  const url = plainStreamUrl(rtmpPath);
  if (url === '') return { kind: 'dead', reason: 'empty' };
  const parts = vendors.parseStreamUrl(url);
  if (parts === null) return { kind: 'refused' };
  if (!vendors.isStreamUrlAllowed(url)) {
    // A vendor's address that is not RTMP: it names the camera's device, and the cloud has an RTMP URL of it.
    const isOther = parts.deviceSerial !== null && vendors.isOnVendorHost(url);
    return isOther ? { kind: 'dead', reason: 'not-rtmp' } : { kind: 'refused' };
  }
  const { expiresAt } = parts;
  if (expiresAt === null) return { kind: 'dead', reason: 'no-expiry' };
  if (expiresAt <= now) return { kind: 'dead', reason: 'expired' };
  return { kind: 'lease', lease: foundLease(url, parts, expiresAt, now, random) };
}

function withForeignLease(
  record: CameraRecord,
  found: Omit<Lease, 'revision'>,
  { now }: AdoptionContext,
): CameraRecord {
  const { camera } = record;
  const lease: Lease = { ...found, revision: camera.lastRevision + 1 };
  const isRewrite = record.version > 0 && camera.lastRevision > 0;
  const retiredUrlIds = retire(camera.retiredUrlIds, [camera.lease, camera.candidate], [lease]);
  const notice = isRewrite ? FOREIGN_REWRITE_NOTICE : camera.notice;
  return {
    ...record,
    camera: {
      ...camera,
      lease,
      // The candidate is older than the URL found, and revisions in force only go up.
      candidate: null,
      lastRevision: lease.revision,
      failure: null,
      notice,
      retiredUrlIds,
      updatedAt: now,
    },
  };
}

function withOwnUrl(record: CameraRecord, { now }: AdoptionContext): CameraRecord {
  return { ...record, camera: { ...record.camera, notice: FOREIGN_REWRITE_NOTICE, updatedAt: now } };
}

function withRefusal(record: CameraRecord, { now }: AdoptionContext): CameraRecord {
  if (record.camera.failure?.code === 'SOURCE_HOST_REFUSED') return record;
  return { ...record, camera: { ...record.camera, failure: hostRefused(now), updatedAt: now } };
}

function withoutRefusal(record: CameraRecord, { now }: AdoptionContext): CameraRecord {
  if (record.camera.failure?.code !== 'SOURCE_HOST_REFUSED') return record;
  return { ...record, camera: { ...record.camera, failure: null, updatedAt: now } };
}

function hostRefused(now: Date): Failure {
  return {
    code: 'SOURCE_HOST_REFUSED',
    failureClass: 'permanent',
    message: 'The rtmpPath of this camera is not a live URL of a known cloud host.',
    cure: 'Clear rtmpPath, and camlease asks the cloud for a URL; or add the host to CLOUD_EXTRA_HOSTS if it is yours.',
    since: now,
    at: now,
    attempts: 1,
    nextLookAt: null,
  };
}
