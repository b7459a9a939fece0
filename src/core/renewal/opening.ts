import type { Failure } from '../camera/camera.js';
import type { UrlCamera } from '../camera/cameraSource.js';
import type { Random } from '../clock.js';
import type { CameraError } from '../errors.js';
import { nextFailure } from './backoff.js';

const MINUTE_MS = 60_000;
/** A camera that worked and that nobody pulls is opened again after this time, so that camlease never calls a dead one well for longer. */
export const LOOK_AGAIN_MS = 15 * MINUTE_MS;
/** The longest wait after a fault that passes by itself. */
const LONGEST_WAIT_MS = 15 * MINUTE_MS;
/** Many cameras lock a user out after some wrong tries, for as long as this. */
const LOGIN_WAIT_MS = 30 * MINUTE_MS;
/** Other faults that a person has to cure may be cured in the camera, without camlease learning of it. */
const BY_HAND_WAIT_MS = 60 * MINUTE_MS;
/** How soon after a failure the camera is opened because its pictures come all the same. */
const CURED_AFTER_MS = 10_000;
/** Waits are drawn up to a tenth longer, so that cameras that failed together are not opened together. */
const JITTER = 0.1;
/** `nextFailure` waits a fourteenth of a lease's life at most. */
const PARTS_OF_LIFE = 14;

export const LOGIN_REFUSED = 'STREAM_LOGIN_REFUSED';

/** What is known of a camera's pictures. */
export interface SeenFlow {
  /** True: they come now. */
  readonly isFlowing: boolean;
  /** When they were last seen to come; null: never, as far as this process knows. */
  readonly flowedAt: Date | null;
}

/**
 * When a `url` camera is to be opened next; in the past: it is due. null: it is switched off. A camera whose pictures come needs no
 * opening, unless an earlier one failed.
 */
export function openingDueAt(camera: UrlCamera, { isFlowing, flowedAt }: SeenFlow, now: Date): Date | null {
  if (!camera.enabled || camera.status === 'disabled') return null;
  const { failure, source } = camera;
  if (failure !== null) {
    // The clock was turned back since.
    if (failure.at > now) return now;
    if (isFlowing) return later(failure.at, CURED_AFTER_MS);
    return failure.nextLookAt ?? later(failure.at, BY_HAND_WAIT_MS);
  }
  if (source.openedAt === null) return camera.createdAt;
  if (isFlowing || source.openedAt > now) return later(now, LOOK_AGAIN_MS);
  const lastMs = Math.max(source.openedAt.getTime(), flowedAt?.getTime() ?? 0);
  return new Date(lastMs + LOOK_AGAIN_MS);
}

/** The failure to store after an opening that failed, with the time of the next one. */
export function openingFailure(
  camera: Pick<UrlCamera, 'failure' | 'lease' | 'status'>,
  error: CameraError,
  random: Random,
  now: Date,
): Failure {
  const failure = nextFailure(camera.failure, error, camera, random, now, LONGEST_WAIT_MS * PARTS_OF_LIFE);
  const waitMs =
    error.code === LOGIN_REFUSED ? LOGIN_WAIT_MS : error.failureClass === 'permanent' ? BY_HAND_WAIT_MS : null;
  if (waitMs === null) return failure;
  return { ...failure, nextLookAt: later(now, Math.round(waitMs * (1 + random() * JITTER))) };
}

function later(date: Date, ms: number): Date {
  return new Date(date.getTime() + ms);
}
