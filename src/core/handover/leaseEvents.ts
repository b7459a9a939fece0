import { boundedText } from '../boundedText.js';
import type { CameraId } from '../camera/camera.js';
import { CameraError, type FailureClass } from '../errors.js';
import type { RenewReason } from '../renewal/renewal.js';
import type { HoldReason, MoveReason, SwapHow } from './handover.js';

/**
 * The steps of a lease's life that are recorded, in their usual order.
 * - `obtained`: the cloud gave a URL. `failed`: it gave none.
 * - `proven`: a proof saw its picture. `rejected`: no proof did, and the lease in force goes on.
 * - `held`: it waits: a proven one until nobody watches, an unproven one until its next proof.
 * - `promoted`: it is the camera's lease from now on. `handed-over`: the engine serves it.
 * - `expired`: it ended, and no other lease had taken its place.
 */
export const LEASE_STEPS = [
  'obtained',
  'failed',
  'proven',
  'rejected',
  'held',
  'promoted',
  'handed-over',
  'expired',
] as const;
export type LeaseStep = (typeof LEASE_STEPS)[number];

/** One step with its reason, kept for 90 days. */
export interface LeaseEvent {
  /** Made of camera, revision, step and reason (`eventId`), so that a step that is recorded twice is stored once. */
  readonly id: string;
  readonly at: Date;
  readonly cameraId: CameraId;
  readonly step: LeaseStep;
  /** null: no URL was obtained. */
  readonly revision: number | null;
  /** From the fixed lists of `core/renewal/renewal.ts` and `core/handover/handover.ts`, or the code of a failure. */
  readonly reason: RenewReason | MoveReason | HoldReason | SwapHow | (string & {});
  /** A sentence for people; never a URL or a secret. */
  readonly message: string;
  /** For `held`: why the latest proof found no picture. Told to listeners and other replicas, but not stored. */
  readonly fault?: EventFault;
}

/** A `CameraError` as plain data, for other replicas. */
export interface EventFault {
  readonly code: string;
  readonly failureClass: FailureClass;
  readonly message: string;
  readonly cure: string;
}

const HOUR_MS = 3_600_000;
export const EVENTS_KEPT_MS = 90 * 24 * HOUR_MS;
/** Reasons are words and codes, messages a few sentences; a vendor's may be longer. */
const LONGEST_REASON = 100;
const LONGEST_MESSAGE = 1_000;

/** The event with its texts cut to a bounded length: a vendor's may be long. */
export function bounded<T extends Pick<LeaseEvent, 'reason' | 'message'>>(event: T): T {
  const { reason, message } = event;
  return { ...event, reason: boundedText(reason, LONGEST_REASON), message: boundedText(message, LONGEST_MESSAGE) };
}

export function eventId(event: Pick<LeaseEvent, 'cameraId' | 'step' | 'revision' | 'reason' | 'at'>): string {
  const { cameraId, step, revision, reason, at } = event;
  // A failure has no revision, so its hour is in the id: of equal failures, one an hour is stored. A camera that is away is
  // asked for 288 times a day, and answers the same each time.
  return `${cameraId}.${revision ?? Math.floor(at.getTime() / HOUR_MS) * HOUR_MS}.${step}.${reason}`;
}

export function faultOf({ code, failureClass, message, cure }: CameraError): EventFault {
  return { code, failureClass, message, cure };
}

export function errorOfFault({ code, failureClass, message, cure }: EventFault): CameraError {
  return new CameraError(code, failureClass, message, { cure });
}
