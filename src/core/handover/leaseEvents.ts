import { boundedText } from '../boundedText.js';
import type { CameraId } from '../camera/camera.js';
import { CameraError, type FailureClass } from '../errors.js';
import type { RenewReason } from '../renewal/renewal.js';
import type { HoldReason, MoveReason, SwapHow } from './handover.js';

/**
 * The steps of a lease's life that are kept, in their usual order.
 * - `obtained`: the cloud gave a URL. `failed`: it gave none.
 * - `proven`: its picture was seen. `rejected`: none was, and the lease in force goes on.
 * - `held`: it waits: proven, because somebody watches; not proven, until it can be looked at again.
 * - `promoted`: from now on it is the camera's lease. `handed-over`: the engine serves it.
 * - `expired`: its end came and nothing had taken its place.
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
  /** Made of camera, revision, step and reason (`eventId`), so that a step that is told twice is kept once. */
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
  /** Of `held`: why a look at it brought no picture. Told live, also to other replicas, and not kept. */
  readonly fault?: EventFault;
}

export interface EventFault {
  readonly code: string;
  readonly failureClass: FailureClass;
  readonly message: string;
  readonly cure: string;
}

const HOUR_MS = 3_600_000;
export const EVENTS_KEPT_MS = 90 * 24 * HOUR_MS;
/** Reasons are words and codes, messages some sentences; a vendor may write more. */
const LONGEST_REASON = 100;
const LONGEST_MESSAGE = 1_000;

/** With texts that no vendor can make long. */
export function bounded<T extends Pick<LeaseEvent, 'reason' | 'message'>>(event: T): T {
  const { reason, message } = event;
  return { ...event, reason: boundedText(reason, LONGEST_REASON), message: boundedText(message, LONGEST_MESSAGE) };
}

export function eventId(event: Pick<LeaseEvent, 'cameraId' | 'step' | 'revision' | 'reason' | 'at'>): string {
  const { cameraId, step, revision, reason, at } = event;
  // Failures have no revision of their own: their hour tells one from another. A camera that is away is asked for 288 times a day,
  // and says the same each time.
  return `${cameraId}.${revision ?? Math.floor(at.getTime() / HOUR_MS) * HOUR_MS}.${step}.${reason}`;
}

export function faultOf({ code, failureClass, message, cure }: CameraError): EventFault {
  return { code, failureClass, message, cure };
}

export function errorOfFault({ code, failureClass, message, cure }: EventFault): CameraError {
  return new CameraError(code, failureClass, message, { cure });
}
