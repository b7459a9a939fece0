import type { Camera, CloudSource } from '../core/camera.js';
import { messageOf } from '../core/errors.js';
import { parseStreamUrl } from '../core/streamUrl.js';
import type { AdoptionContext, ReadPath } from '../store/adoption.js';
import { adopt, readPath } from '../store/adoption.js';
import type { RawDocument } from '../store/cameraRecord.js';
import { isCameraId } from '../store/cameraRecord.js';
import type { OldPath } from './oldMediamtx.js';

/** Why a camera is taken over without its URL. */
export type NoLease = 'refused' | 'empty' | 'expired' | 'no-expiry' | 'not-rtmp';

export interface PlannedCamera {
  readonly camera: Pick<Camera, 'id' | 'name' | 'source' | 'enabled' | 'status' | 'quality' | 'labels' | 'lease'>;
  /** `document`: of the old collection; `path`: only the old mediamtx.yml knows it. */
  readonly from: 'document' | 'path';
  /** True when the lease comes from mediamtx.yml, because its URL lives longer than the document's. */
  readonly isLeaseFromPath: boolean;
  readonly noLease: NoLease | null;
  /** Names it had in the old mediamtx.yml. */
  readonly oldPaths: readonly string[];
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

/** Puts the old collection and the old mediamtx.yml together: a path belongs to the document with its serial and channel. */
export function planImport(
  documents: readonly RawDocument[],
  paths: readonly OldPath[],
  context: AdoptionContext,
): ImportPlan {
  const cameras: PlannedCamera[] = [];
  const leftOut: LeftOut[] = [];
  for (const document of documents) {
    try {
      cameras.push(ofDocument(document, context));
    } catch (error) {
      leftOut.push({ what: `document ${document.id}`, why: messageOf(error) });
    }
  }
  for (const path of paths) {
    const url = path.source === null ? null : parseStreamUrl(path.source);
    const address = url && addressOf(url);
    if (path.source === null || !address) {
      leftOut.push({ what: `path ${path.name}`, why: 'its source is no live URL of a cloud camera' });
      continue;
    }
    const found = readPath(path.source, context);
    const index = indexOf(cameras, address);
    const planned = cameras[index];
    if (planned) cameras[index] = withPath(planned, path.name, found, address.channel);
    else if (found.kind === 'refused') leftOut.push({ what: `path ${path.name}`, why: WHY_REFUSED });
    else cameras.push(ofPath(path.name, found, address, cameras));
  }
  return { cameras, leftOut };
}

const WHY_REFUSED = 'its URL is not on the host of a known cloud; if it is yours, name it in CLOUD_EXTRA_HOSTS';

type Address = Pick<CloudSource, 'deviceSerial'> & { readonly channel: number };

function addressOf({ deviceSerial, channel }: { deviceSerial: string | null; channel: number | null }): Address | null {
  return deviceSerial === null || channel === null ? null : { deviceSerial, channel };
}

function indexOf(cameras: readonly PlannedCamera[], { deviceSerial, channel }: Address): number {
  const sameChannel = cameras.findIndex(
    ({ camera: { source } }) => source.deviceSerial === deviceSerial && source.channel === channel,
  );
  if (sameChannel >= 0) return sameChannel;
  return cameras.findIndex(({ camera: { source } }) => source.deviceSerial === deviceSerial && source.channel === null);
}

function ofDocument(document: RawDocument, context: AdoptionContext): PlannedCamera {
  const { camera, rtmpPath } = adopt(document, context);
  const found = readPath(rtmpPath, context);
  const noLease = noLeaseOf(found);
  return { camera, from: 'document', isLeaseFromPath: false, noLease, oldPaths: [] };
}

function withPath(planned: PlannedCamera, name: string, found: ReadPath, channel: number): PlannedCamera {
  const oldPaths = [...planned.oldPaths, name];
  const source = { ...planned.camera.source, channel };
  const camera = { ...planned.camera, source };
  const isBetter = found.kind === 'lease' && (camera.lease === null || found.lease.expiresAt > camera.lease.expiresAt);
  if (!isBetter) return { ...planned, camera, oldPaths };
  const lease = { ...found.lease, revision: 1 };
  return { ...planned, camera: { ...camera, lease }, isLeaseFromPath: true, noLease: null, oldPaths };
}

function ofPath(
  name: string,
  found: Exclude<ReadPath, { kind: 'refused' }>,
  address: Address,
  others: readonly PlannedCamera[],
): PlannedCamera {
  // Its old name becomes its id where that can be, so that its addresses stay.
  const isFree = isCameraId(name) && !others.some(({ camera }) => camera.id === name);
  const camera = {
    id: isFree ? name : '',
    name,
    source: { vendor: 'hikconnect' as const, account: null, ...address, resourceId: '' },
    enabled: true,
    status: 'active' as const,
    quality: 'auto' as const,
    labels: [],
    lease: found.kind === 'lease' ? { ...found.lease, revision: 1 } : null,
  };
  return { camera, from: 'path', isLeaseFromPath: true, noLease: noLeaseOf(found), oldPaths: [name] };
}

function noLeaseOf(found: ReadPath): NoLease | null {
  if (found.kind === 'lease') return null;
  return found.kind === 'refused' ? 'refused' : found.reason;
}
