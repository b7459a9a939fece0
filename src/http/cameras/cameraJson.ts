import { playsOf } from './playsOf.js';
import type { Camera, CameraSource, Failure, UrlSource } from '../../core/camera/camera.js';
import { neverKind } from '../../core/camera/cameraSource.js';
import { MASK, maskedUrl } from '../../core/camera/maskedUrl.js';
import { withLoginApart } from '../../core/camera/sourceUrl.js';
import type { Lease } from '../../core/camera/lease.js';
import type { StreamTracks } from '../../core/camera/tracks.js';
import type { HandoverDecision } from '../../core/handover/handover.js';
import { cameraHealth, type SeenStream } from '../../core/health/health.js';
import { renewalStory, type AccountRefusal, type RenewalStory } from '../../core/health/renewalStory.js';
import { storyOfUnwritten, type WriteRefusal } from '../../core/health/writeRefusal.js';
import { lastSafeMoment } from '../../core/renewal/renewal.js';
import type { StreamLinks } from '../../engine/mediaEngine.js';
import type { z } from 'zod';
import { aboutJson } from './aboutJson.js';
import type { ReportedState } from './reportedState.js';
import type { cameraReply, failureReply, leaseReply } from '../shapes/replySchemas.js';

export type CameraJson = z.input<typeof cameraReply>;

/** What the reply needs besides the camera itself. */
export interface CameraContext {
  /** null: the engine says nothing about the camera. */
  readonly seen: SeenStream | null;
  /** The last decision about its candidate; null: there is none. */
  readonly decision: HandoverDecision | null;
  /** Why the cloud refuses the camera's account; null: it does not. */
  readonly refusal: AccountRefusal | null;
  /** Why the database refuses a write of the camera; null: it does not. */
  readonly unwritten: WriteRefusal | null;
  readonly said: ReportedState;
  readonly links: StreamLinks;
  readonly now: Date;
  /** Masks secrets that a vendor's sentence might quote. */
  readonly redact: (text: string) => string;
}

/** A camera as the API shows it. Written field by field, so that a secret (URL, its id) can only get out by being named here. */
export function cameraJson(
  camera: Camera,
  { seen, decision, refusal, unwritten, said, links, now, redact }: CameraContext,
): CameraJson {
  const { source } = camera;
  const candidate = camera.candidate && { ...leaseJson(camera.candidate), ...candidateProof(decision) };
  const renewal = storyOfUnwritten(renewalStory(camera, decision, now, refusal), unwritten);
  const health = cameraHealth(camera, seen, now, renewal, refusal, unwritten);
  return {
    id: camera.id,
    _id: camera.id,
    name: camera.name,
    rtmpPath: camera.lease ? maskedUrl(camera.lease.url) : source.kind === 'url' ? maskedUrl(source.url) : '',
    ...sourceJson(source),
    hikvisionEnabled: camera.enabled,
    status: camera.status,
    mode: camera.mode,
    errorClipCheck: camera.errorClipCheck,
    whenGone: camera.whenGone,
    sound: camera.sound,
    quality: camera.quality,
    labels: [...camera.labels],
    ...aboutJson(camera.about),
    origin: camera.origin,
    feed: camera.feed && { name: camera.feed.name, key: camera.feed.key },
    lease: camera.lease && leaseJson(camera.lease),
    candidate: candidate && { ...candidate, fault: renewal.fault ? troubleJson(renewal.fault, redact) : null },
    health: {
      state: health.state,
      reason: health.reason,
      sentence: redact(health.sentence),
      nextStep: redact(health.nextStep),
      nextStepAt: health.nextStepAt?.toISOString() ?? null,
    },
    renewal: {
      state: renewal.state,
      reason: renewal.reason,
      sentence: redact(renewal.sentence),
      nextStep: redact(renewal.nextStep),
      nextStepAt: renewal.nextStepAt?.toISOString() ?? null,
      forcedAt: renewal.forcedAt?.toISOString() ?? null,
      urgency: renewal.urgency,
    },
    stream: seen && {
      revision: seen.revision,
      flow: seen.flow,
      carrier: seen.carrier ?? null,
      reason: seen.reason ?? null,
      viewers: seen.flow === 'unknown' ? null : (seen.viewers ?? null),
    },
    said,
    failure: camera.failure && failureJson(camera.failure, redact),
    notice: camera.notice === null ? null : redact(camera.notice),
    plays: playsOf(camera, links.serving),
    links: {
      hlsUrl: links.hlsUrl,
      webrtcUrl: links.webrtcUrl,
      ...(links.notServed && { notServed: [...links.notServed] }),
    },
    createdAt: camera.createdAt.toISOString(),
    updatedAt: camera.updatedAt.toISOString(),
  };
}

type SourceJson = Pick<
  CameraJson,
  'vendor' | 'account' | 'hikvisionDeviceSerial' | 'hikvisionResourceId' | 'channel' | 'source'
>;

/** A camera with an address of its own keeps the cloud's fields, empty, so that a client that reads them does not break. */
function sourceJson(source: CameraSource): SourceJson {
  switch (source.kind) {
    case 'cloud':
      return {
        vendor: source.vendor,
        account: source.account,
        hikvisionDeviceSerial: source.deviceSerial,
        hikvisionResourceId: source.resourceId,
        channel: source.channel,
      };
    case 'url':
      return { ...NO_CLOUD, source: urlSourceJson(source) };
    default:
      return neverKind(source);
  }
}

/** The login of an older document is inside its address; people see both forms alike. */
function urlSourceJson(source: UrlSource): NonNullable<CameraJson['source']> {
  const { url, login } = withLoginApart(source);
  return {
    kind: 'url',
    url: maskedUrl(url),
    user: login === null ? null : MASK,
    revision: source.revision,
    tracks: source.tracks && tracksJson(source.tracks),
    openedAt: source.openedAt?.toISOString() ?? null,
  };
}

const NO_CLOUD = { vendor: null, account: null, hikvisionDeviceSerial: '', hikvisionResourceId: '', channel: null };

function leaseJson(lease: Lease): z.input<typeof leaseReply> {
  return {
    revision: lease.revision,
    quality: lease.quality,
    obtainedAt: lease.obtainedAt.toISOString(),
    expiresAt: lease.expiresAt.toISOString(),
    renewAt: lease.renewAt.toISOString(),
    lastSafeMoment: lastSafeMoment(lease).toISOString(),
    proof: lease.proof,
    provenAt: lease.provenAt?.toISOString() ?? null,
    tracks: lease.tracks && tracksJson(lease.tracks),
  };
}

/** The store learns of a candidate's proof when it is promoted; for a held candidate the reply already says `proven`. */
function candidateProof(decision: HandoverDecision | null): { proof?: 'proven' } {
  const isProven =
    (decision?.action === 'hold' && decision.reason !== 'unprovable') ||
    (decision?.action === 'promote' && decision.proof === 'proven');
  return isProven ? { proof: 'proven' } : {};
}

function tracksJson({ video, audio }: StreamTracks): z.input<typeof leaseReply>['tracks'] {
  return {
    video: { codec: video.codec, width: video.width, height: video.height },
    audio: audio && { codec: audio.codec, sampleRate: audio.sampleRate, channels: audio.channels },
  };
}

function troubleJson(
  { code, message, cure }: NonNullable<RenewalStory['fault']>,
  redact: (text: string) => string,
): { code: string; message: string; cure: string } {
  return { code, message: redact(message), cure: redact(cure) };
}

function failureJson(failure: Failure, redact: (text: string) => string): z.input<typeof failureReply> {
  return {
    code: failure.code,
    message: redact(failure.message),
    cure: redact(failure.cure),
    since: failure.since.toISOString(),
    at: failure.at.toISOString(),
    attempts: failure.attempts,
    nextLookAt: failure.nextLookAt?.toISOString() ?? null,
  };
}
