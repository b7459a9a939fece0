import { UNNAMED_VENDOR, type CloudSource } from '../core/camera/camera.js';
import { isCloudCamera, type CloudCamera } from '../core/camera/cameraSource.js';
import type { Vendors } from '../core/camera/vendors.js';
import { cameraId } from '../core/camera/cameraId.js';
import { isCameraId } from '../core/camera/cameraIdForm.js';
import { comparedSerial, type LeftOutDocument } from '../core/camera/leftOut.js';
import type { StreamQuality } from '../core/camera/lease.js';
import type { AdoptionContext, ReadPath } from '../store/reading/adoption.js';
import { readPath } from '../store/reading/adoption.js';
import { isOurs } from '../store/reading/cameraDocument.js';
import { identityTaken } from '../store/rules/cameraDocuments.js';
import type { RawDocument } from '../store/reading/cameraRecord.js';
import { identityOf } from '../store/reading/cameraRecord.js';
import { leftOutOf, readDocument } from '../store/reading/documentReading.js';
import type { OldPath } from './oldMediamtx.js';
import { shownPaths, type ShownPath } from './ownForm.js';

/** Why a camera is taken over without a lease from its URL. */
export type NoLease = 'refused' | 'empty' | 'expired' | 'no-expiry' | 'not-rtmp';

export interface PlannedCamera {
  readonly camera: Pick<
    CloudCamera,
    | 'id'
    | 'name'
    | 'source'
    | 'enabled'
    | 'status'
    | 'mode'
    | 'quality'
    | 'errorClipCheck'
    | 'whenGone'
    | 'labels'
    | 'lease'
    | 'notice'
  >;
  /** `document`: from the old collection; `path`: only the old mediamtx.yml has it. */
  readonly from: 'document' | 'path';
  /** True when the lease comes from mediamtx.yml, because that URL lives longer than the document's. */
  readonly isLeaseFromPath: boolean;
  readonly noLease: NoLease | null;
  /** The camera's names in the old mediamtx.yml. */
  readonly oldPaths: readonly string[];
  /** An earlier document of the same device and channel. */
  readonly doubleOf: string | null;
  /** The qualities that the old paths showed, as far as their URLs tell. */
  readonly qualities: readonly StreamQuality[];
}

export interface LeftOut {
  /** `document front-door`, `path gate` */
  readonly what: string;
  readonly why: string;
}

export interface ImportPlan {
  readonly cameras: readonly PlannedCamera[];
  readonly leftOut: readonly LeftOut[];
}

/** Combines the old collection and the old mediamtx.yml: a path belongs to the document with its serial and channel. */
export function planImport(
  documents: readonly RawDocument[],
  paths: readonly OldPath[],
  context: AdoptionContext,
): ImportPlan {
  const { cameras, leftOut: unread } = ofDocuments(documents, context);
  const leftOut: LeftOut[] = unread.map(({ id, message, cure }) => ({
    what: `document ${id}`,
    why: `${message} (${withoutStop(cure)})`,
  }));
  for (const path of shownPaths(paths)) {
    const found = addressIn(path, context);
    if (typeof found === 'string') {
      leftOut.push({ what: `path ${path.name}`, why: found });
      continue;
    }
    const index = indexOf(cameras, found);
    const planned = cameras[index];
    const document = unread.find((one) => isOfDocument(one, found));
    if (planned) cameras[index] = withPath(planned, path, found);
    else if (document)
      leftOut.push({
        what: `path ${path.name}`,
        why: `it shows the camera of the document ${document.id}, which is left out`,
      });
    else if (found.url.kind === 'refused') leftOut.push({ what: `path ${path.name}`, why: WHY_REFUSED });
    else cameras.push(ofPath(path, found, found.url, cameras, context.vendors));
  }
  return { cameras, leftOut };
}

const WHY_REFUSED = 'its URL is not on the host of a known cloud; if it is yours, name it in CLOUD_EXTRA_HOSTS';

interface Found {
  readonly deviceSerial: string;
  readonly channel: number;
  readonly quality: StreamQuality | null;
  readonly url: ReadPath;
}

/** Reads the documents as every start does, and keeps their order. */
function ofDocuments(
  documents: readonly RawDocument[],
  context: AdoptionContext,
): { readonly cameras: PlannedCamera[]; readonly leftOut: readonly LeftOutDocument[] } {
  const cameras: PlannedCamera[] = [];
  const leftOut: LeftOutDocument[] = [];
  const taken = new Set<string>();
  // Documents of camlease's come first: they have their place already.
  for (const document of [...documents].sort((a, b) => Number(isOurs(b.fields)) - Number(isOurs(a.fields)))) {
    const reading = readDocument(document, context);
    if (reading.kind === 'left-out') {
      leftOut.push(reading.leftOut);
      continue;
    }
    const { record } = reading;
    const { camera } = record;
    // It is in the collection already, and no path of an old file is its.
    if (!isCloudCamera(camera)) continue;
    const identity = identityOf(record);
    if (identity !== null && taken.has(identity)) {
      const { message, cure = '' } = identityTaken();
      leftOut.push(leftOutOf(document, withoutStop(message), cure, context.vendors));
      continue;
    }
    if (identity !== null) taken.add(identity);
    const noLease = camera.lease === null ? noLeaseOf(readPath(record.rtmpPath, context)) : null;
    const double = cameras.find((other) => isSameDevice(other.camera.source, camera.source));
    cameras.push({
      camera,
      doubleOf: double?.camera.id ?? null,
      from: 'document',
      isLeaseFromPath: false,
      noLease,
      oldPaths: [],
      qualities: [],
    });
  }
  return { cameras, leftOut };
}

/** The camera that a path shows; or why no camera can be made of it. */
function addressIn({ name, source, addresses }: ShownPath, context: AdoptionContext): Found | string {
  const ofSource = source === null ? null : foundIn(source, context);
  const inCommands = addresses
    .filter((address) => context.vendors.isOnVendorHost(address))
    .flatMap((address) => foundIn(address, context) ?? []);
  const devices = new Set([...(ofSource ? [ofSource] : []), ...inCommands].map(deviceOf));
  if (name.startsWith('~') || name === 'all' || name === 'all_others')
    return 'it is a rule for many paths, not the path of one camera';
  if (devices.size > 1) return 'it names more than one camera';
  const longest = [...inCommands].sort((a, b) => endOf(b) - endOf(a))[0];
  const found = ofSource ?? longest;
  if (found) return found;
  if (addresses.length > 0) return WHY_REFUSED;
  if (source === null || source === 'publisher')
    return 'its source is no live URL of a cloud camera: it waits for a publisher, and none of its commands contains a live URL';
  return 'its source is no live URL of a cloud camera';
}

function foundIn(address: string, context: AdoptionContext): Found | null {
  const { deviceSerial = null, channel = null, quality = null } = context.vendors.parseStreamUrl(address) ?? {};
  if (deviceSerial === null || channel === null) return null;
  return { deviceSerial, channel, quality, url: readPath(address, context) };
}

function isSameDevice(a: CloudSource, b: CloudSource): boolean {
  return a.channel !== null && deviceOf(a) === deviceOf(b);
}

function deviceOf({
  deviceSerial,
  channel,
}: {
  readonly deviceSerial: string;
  readonly channel: number | null;
}): string {
  return `${comparedSerial(deviceSerial)}/${channel ?? ''}`;
}

function endOf({ url }: Found): number {
  return url.kind === 'lease' ? url.lease.expiresAt.getTime() : 0;
}

function isOfDocument({ deviceSerials, channel }: LeftOutDocument, found: Found): boolean {
  const serial = comparedSerial(found.deviceSerial);
  return deviceSerials.some((one) => comparedSerial(one) === serial) && (channel === null || channel === found.channel);
}

function indexOf(cameras: readonly PlannedCamera[], found: Found): number {
  const sameChannel = cameras.findIndex(({ camera: { source } }) => deviceOf(source) === deviceOf(found));
  if (sameChannel >= 0) return sameChannel;
  return cameras.findIndex(({ camera: { source } }) => deviceOf(source) === deviceOf({ ...found, channel: null }));
}

function withPath(planned: PlannedCamera, path: ShownPath, { channel, quality, url }: Found): PlannedCamera {
  const { camera } = planned;
  const source = { ...camera.source, channel };
  const isBetter = url.kind === 'lease' && (camera.lease === null || url.lease.expiresAt > camera.lease.expiresAt);
  return {
    ...planned,
    camera: { ...camera, source, ...(isBetter && { lease: { ...url.lease, revision: 1 } }) },
    ...(isBetter && { isLeaseFromPath: true, noLease: null }),
    oldPaths: [...new Set([...planned.oldPaths, path.name])],
    qualities: [...planned.qualities, ...(quality === null ? [] : [quality])],
  };
}

function ofPath(
  { name, isAlwaysOn }: ShownPath,
  { deviceSerial, channel, quality }: Found,
  url: Exclude<ReadPath, { kind: 'refused' }>,
  others: readonly PlannedCamera[],
  vendors: Vendors,
): PlannedCamera {
  // Only an id of camlease's tells the vendor; with any other name the vendor stays open until a listing shows it.
  const vendor = vendors.names.find((one) => name === cameraId(one, deviceSerial, channel)) ?? UNNAMED_VENDOR;
  const source = { kind: 'cloud' as const, vendor, account: null, deviceSerial, channel, resourceId: '' };
  // The old name becomes the camera's id where it can be one, so that its addresses stay.
  const isFree = isCameraId(name) && !others.some(({ camera }) => camera.id === name);
  const camera = {
    id: isFree ? name : cameraId(vendor, deviceSerial, channel),
    name,
    source,
    enabled: true,
    status: 'active' as const,
    mode: isAlwaysOn ? ('always-on' as const) : ('on-demand' as const),
    quality: 'auto' as const,
    errorClipCheck: true,
    whenGone: 'slate' as const,
    labels: [],
    lease: url.kind === 'lease' ? { ...url.lease, revision: 1 } : null,
    notice: null,
  };
  const qualities = quality === null ? [] : [quality];
  return {
    camera,
    from: 'path',
    isLeaseFromPath: true,
    noLease: noLeaseOf(url),
    oldPaths: [name],
    doubleOf: null,
    qualities,
  };
}

function noLeaseOf(found: ReadPath): NoLease | null {
  if (found.kind === 'lease') return null;
  return found.kind === 'refused' ? 'refused' : found.reason;
}

function withoutStop(sentence: string): string {
  return sentence.endsWith('.') ? sentence.slice(0, -1) : sentence;
}
