import type { Camera, Failure } from '../core/camera.js';
import type { CameraHealth } from '../core/health.js';
import type { Lease } from '../core/lease.js';
import { lastSafeMoment } from '../core/renewal.js';
import type { StreamLinks } from '../engine/mediaEngine.js';
import type { z } from 'zod';
import type { cameraReply, failureReply, leaseReply } from './replySchemas.js';

export type CameraJson = z.input<typeof cameraReply>;

/**
 * A camera as the API shows it. Written field by field: what is secret (URL, its id) can only get out by being named here.
 * `redact` masks what a vendor's sentence might quote.
 */
export function cameraJson(
  camera: Camera,
  health: CameraHealth,
  links: StreamLinks,
  redact: (text: string) => string,
): CameraJson {
  const { source } = camera;
  return {
    id: camera.id,
    name: camera.name,
    vendor: source.vendor,
    account: source.account,
    hikvisionDeviceSerial: source.deviceSerial,
    hikvisionResourceId: source.resourceId,
    hikvisionEnabled: camera.enabled,
    channel: source.channel,
    status: camera.status,
    mode: camera.mode,
    quality: camera.quality,
    labels: [...camera.labels],
    origin: camera.origin,
    lease: camera.lease && leaseJson(camera.lease),
    candidate: camera.candidate && leaseJson(camera.candidate),
    health: {
      state: health.state,
      reason: health.reason,
      sentence: redact(health.sentence),
      nextStep: redact(health.nextStep),
      nextStepAt: health.nextStepAt?.toISOString() ?? null,
    },
    failure: camera.failure && failureJson(camera.failure, redact),
    notice: camera.notice === null ? null : redact(camera.notice),
    links: { hlsUrl: links.hlsUrl, webrtcUrl: links.webrtcUrl },
    createdAt: camera.createdAt.toISOString(),
    updatedAt: camera.updatedAt.toISOString(),
  };
}

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
  };
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
