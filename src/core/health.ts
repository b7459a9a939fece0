import type { Camera } from './camera.js';
import { dueAt } from './renewal.js';

export type HealthState = 'healthy' | 'idle' | 'failing' | 'dark' | 'unknown' | 'disabled';

/** What the engine sees of a camera. */
export interface SeenStream {
  readonly revision: number | null;
  readonly flow: 'flowing' | 'starting' | 'idle' | 'stopped' | 'unknown';
}

export interface CameraHealth {
  readonly state: HealthState;
  /** A code: a vendor's, or one of ours. */
  readonly reason: string;
  readonly sentence: string;
  /** What happens next, by itself or by somebody's hand. */
  readonly nextStep: string;
  readonly nextStepAt: Date | null;
}

export type LiveVerdict =
  | { readonly live: true }
  | { readonly live: false; readonly reason: string; readonly message: string; readonly cure: string };

interface Trouble {
  readonly code: string;
  readonly message: string;
  readonly cure: string;
}

/** How a camera is, as we and the engine see it. `seen` null: the engine says nothing of it. */
export function cameraHealth(camera: Camera, seen: SeenStream | null, now: Date): CameraHealth {
  const verdict = liveVerdict(camera, now);
  const nextStepAt = dueAt(camera);
  // The planned look at a permanent failure may come to nothing: what helps is a person.
  const needsHand = nextStepAt === null || camera.failure?.nextLookAt === null;
  if (!verdict.live) {
    return {
      state: stateOfDark(camera, verdict.reason, now),
      reason: verdict.reason,
      sentence: verdict.message,
      nextStep: needsHand ? verdict.cure : 'A new lease is asked for.',
      nextStepAt,
    };
  }
  const nextStep = camera.candidate === null ? 'The lease is renewed.' : 'The new lease takes over.';
  const next = { nextStep, nextStepAt };
  if (camera.failure !== null) {
    const sentence = `The picture goes on, but renewing the lease fails: ${camera.failure.message}`;
    const failing = { state: 'failing', reason: camera.failure.code, sentence } as const;
    return { ...failing, nextStep: needsHand ? camera.failure.cure : 'It is tried again.', nextStepAt };
  }
  return { ...playing(camera, seen), ...next };
}

/** Whether a player may be sent to the camera: an unexpired lease, and nothing that says its picture is not there. */
export function liveVerdict(camera: Camera, now: Date): LiveVerdict {
  const trouble = troubleOf(camera, now);
  if (trouble === null) return { live: true };
  return { live: false, reason: trouble.code, message: trouble.message, cure: trouble.cure };
}

function troubleOf(camera: Camera, now: Date): Trouble | null {
  if (!camera.enabled || camera.status === 'disabled') return DISABLED;
  if (camera.status === 'missing') return MISSING;
  // The vendor's own word about an offline camera, when it was asked, says more than ours.
  if (camera.status === 'offline') return camera.failure?.failureClass === 'camera-state' ? camera.failure : OFFLINE;
  const lease = camera.lease;
  const isKnown = camera.source.account !== null && camera.source.channel !== null;
  if (lease === null) return camera.failure ?? (isKnown ? NO_LEASE : UNIDENTIFIED);
  if (lease.expiresAt <= now) return camera.failure ?? (isKnown ? EXPIRED : UNIDENTIFIED);
  if (lease.proof === 'failed') return camera.failure ?? NO_PICTURE;
  return null;
}

function stateOfDark(camera: Camera, reason: string, now: Date): HealthState {
  if (!camera.enabled || camera.status === 'disabled') return 'disabled';
  // Just found: nobody has asked for its first lease yet, which is no trouble.
  if (reason === NO_LEASE.code) return 'unknown';
  const leased = camera.lease !== null && camera.lease.expiresAt > now;
  return leased && camera.status === 'active' ? 'failing' : 'dark';
}

function playing(
  camera: Camera,
  seen: SeenStream | null,
): { readonly state: HealthState; readonly reason: string; readonly sentence: string } {
  if (seen === null || seen.revision === null) {
    return {
      state: 'unknown',
      reason: 'NOT_SERVED_YET',
      sentence: 'The lease lives; the media server does not serve it yet.',
    };
  }
  switch (seen.flow) {
    case 'flowing':
      return { state: 'healthy', reason: 'FLOWING', sentence: 'The picture flows.' };
    case 'starting':
      return { state: 'healthy', reason: 'STARTING', sentence: 'Somebody watches; the picture is about to come.' };
    case 'stopped':
      return {
        state: 'dark',
        reason: 'NOTHING_COMES',
        sentence: "The lease lives, but nothing comes from the cloud; viewers see the camera's last picture, marked so.",
      };
    case 'unknown':
      return {
        state: 'unknown',
        reason: 'ENGINE_UNREACHABLE',
        sentence: 'The media server does not say how the picture is.',
      };
    case 'idle':
      return idle(camera);
  }
}

function idle(camera: Camera): { readonly state: HealthState; readonly reason: string; readonly sentence: string } {
  if (camera.lease?.proof === 'proven') {
    return { state: 'idle', reason: 'NOBODY_WATCHES', sentence: 'Ready; nobody watches, so nothing is pulled.' };
  }
  return { state: 'unknown', reason: 'NOT_PROVEN', sentence: 'The lease lives; its picture was not seen yet.' };
}

const DISABLED: Trouble = {
  code: 'CAMERA_DISABLED',
  message: 'The camera is switched off here.',
  cure: 'Enable the camera.',
};
const MISSING: Trouble = {
  code: 'CAMERA_MISSING',
  message: "The camera is no longer in the account's listing.",
  cure: 'Look in the vendor app whether the device was removed, or delete the camera here.',
};
const OFFLINE: Trouble = {
  code: 'CAMERA_OFFLINE',
  message: 'The cloud says that the camera is offline.',
  cure: "Check the camera's power and network; it is picked up by itself once it is back.",
};
const UNIDENTIFIED: Trouble = {
  code: 'CAMERA_UNIDENTIFIED',
  message: 'No listing of an account has shown this camera yet, so nobody can be asked for its lease.',
  cure: 'Find the cameras again; if that does not help, compare its serial and channel with the vendor app.',
};
const NO_LEASE: Trouble = {
  code: 'LEASE_NONE',
  message: 'The camera has no lease yet.',
  cure: 'It is asked for at the next tick; to ask now, renew the camera.',
};
const EXPIRED: Trouble = {
  code: 'LEASE_EXPIRED',
  message: "The camera's lease has expired.",
  cure: 'A new one is asked for by itself; to ask now, renew the camera.',
};
const NO_PICTURE: Trouble = {
  code: 'STREAM_NO_PICTURE',
  message: 'The lease lives, but it showed no picture.',
  cure: 'Look at the camera in the vendor app, then renew it.',
};
