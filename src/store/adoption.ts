import { z } from 'zod';
import { CAMERA_MODES, CAMERA_STATUSES, CLOUD_VENDORS, QUALITY_SETTINGS } from '../core/camera.js';
import type { Camera, Failure } from '../core/camera.js';
import type { Random } from '../core/clock.js';
import { isStreamUrlAllowed } from '../core/hosts.js';
import type { Lease } from '../core/lease.js';
import { drawRenewAt } from '../core/renewal.js';
import { parseStreamUrl } from '../core/streamUrl.js';
import type { CameraRecord, RawDocument } from './cameraRecord.js';
import { isCameraId } from './cameraRecord.js';
import { retire } from './retiredUrls.js';

export interface AdoptionContext {
  /** `CLOUD_EXTRA_HOSTS`. */
  readonly extraHosts: readonly string[];
  readonly random: Random;
  readonly now: Date;
}

export const FOREIGN_REWRITE_NOTICE =
  'Another program (an old cron job?) rewrites rtmpPath of this camera. Switch it off: camlease renews the URL by itself.';

/** What a hand-made document may say; the six fields that operators know, and those of ours that they may have set. */
const handMadeSchema = z.object({
  name: z.string().nullish(),
  rtmpPath: z.string().nullish(),
  hikvisionDeviceSerial: z.string().nullish(),
  hikvisionResourceId: z.string().nullish(),
  hikvisionEnabled: z.boolean().nullish(),
  status: z.enum(CAMERA_STATUSES).nullish(),
  vendor: z.enum(CLOUD_VENDORS).nullish(),
  account: z.string().min(1).nullish(),
  channel: z.int().min(1).nullish(),
  mode: z.enum(CAMERA_MODES).nullish(),
  quality: z.enum(QUALITY_SETTINGS).nullish(),
  errorClipCheck: z.boolean().nullish(),
  labels: z.array(z.string()).nullish(),
  createdAt: z.date().nullish().catch(null),
});

/** Makes a camera of a document that camlease did not write. Throws a sentence that says what is wrong with it. */
export function adopt(document: RawDocument, context: AdoptionContext): CameraRecord {
  if (!isCameraId(document.id))
    throw new TypeError('its _id cannot be a path name: 1 to 64 of 0-9 A-Z a-z _ -, no _ first');
  const parsed = handMadeSchema.safeParse(document.fields);
  if (!parsed.success) {
    const field = parsed.error.issues[0]?.path.join('.') ?? '';
    throw new TypeError(`${field} has a wrong type or value`);
  }
  const fields = parsed.data;
  const url = fields.rtmpPath ? parseStreamUrl(fields.rtmpPath) : null;
  const deviceSerial = fields.hikvisionDeviceSerial ? fields.hikvisionDeviceSerial : url?.deviceSerial;
  if (!deviceSerial) throw new TypeError('hikvisionDeviceSerial is missing');
  const status = fields.status ?? 'active';
  const camera: Camera = {
    id: document.id,
    name: fields.name ? fields.name : deviceSerial,
    source: {
      vendor: fields.vendor ?? 'hikconnect',
      account: fields.account ?? null,
      deviceSerial,
      channel: fields.channel ?? url?.channel ?? null,
      resourceId: fields.hikvisionResourceId ?? '',
    },
    enabled: fields.hikvisionEnabled ?? true,
    status,
    mode: fields.mode ?? 'on-demand',
    quality: fields.quality ?? 'auto',
    learnedQuality: null,
    errorClipCheck: fields.errorClipCheck ?? true,
    labels: fields.labels ?? [],
    origin: 'hand-made',
    lease: null,
    candidate: null,
    lastRevision: 0,
    failure: null,
    notice: null,
    missingSince: status === 'missing' ? context.now : null,
    retiredUrlIds: [],
    createdAt: fields.createdAt ?? context.now,
    updatedAt: context.now,
  };
  const record = { camera, rtmpPath: fields.rtmpPath ?? '', claimOwner: null, fence: 0, deletedAt: null, version: 0 };
  return reconcile(record, context);
}

/**
 * Takes over what another program wrote into `rtmpPath`: the newest lease when it is a living URL of an allowed host, else
 * our own URL comes back. Returns the same object when nothing was rewritten.
 */
export function reconcile(record: CameraRecord, context: AdoptionContext): CameraRecord {
  const { camera, rtmpPath } = record;
  if (record.deletedAt !== null) return record;
  if (rtmpPath === (camera.lease?.url ?? '')) return camera.lease === null ? withoutRefusal(record, context) : record;
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

export type ReadPath =
  | { readonly kind: 'lease'; readonly lease: Omit<Lease, 'revision'> }
  | { readonly kind: 'refused' }
  | { readonly kind: 'dead'; readonly reason: 'empty' | 'expired' | 'no-expiry' };

/** What the URL in `rtmpPath` is worth. Its lease counts as obtained now: when it really was, the URL does not tell. */
export function readPath(rtmpPath: string, { extraHosts, random, now }: AdoptionContext): ReadPath {
  if (rtmpPath === '') return { kind: 'dead', reason: 'empty' };
  const parts = parseStreamUrl(rtmpPath);
  if (parts === null || !isStreamUrlAllowed(rtmpPath, extraHosts)) return { kind: 'refused' };
  const { expiresAt, urlId } = parts;
  if (expiresAt === null) return { kind: 'dead', reason: 'no-expiry' };
  if (expiresAt <= now) return { kind: 'dead', reason: 'expired' };
  const quality = parts.quality ?? 'main';
  const renewAt = drawRenewAt(now, expiresAt, random);
  const lease = { url: rtmpPath, urlId, quality, obtainedAt: now, expiresAt, renewAt, provenAt: null, tracks: null };
  return { kind: 'lease', lease: { ...lease, proof: 'pending' } };
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
      // It is older than what came now, and revisions in force only go up.
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
    cure: 'Empty rtmpPath, then camlease asks the cloud for a URL; or add the host to CLOUD_EXTRA_HOSTS if it is yours.',
    since: now,
    at: now,
    attempts: 1,
    nextLookAt: null,
  };
}
