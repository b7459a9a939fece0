import type { CameraId } from '../camera/camera.js';

/** What an outage is about. */
export type OutageSubject =
  { readonly kind: 'camera'; readonly id: CameraId } | { readonly kind: 'account'; readonly name: string };

/** A time in which a camera or an account that should work did not. Kept for `OUTAGES_KEPT_MS`. */
export interface Outage {
  /** Made of subject and beginning, so that an outage that is recorded twice is stored once. */
  readonly id: string;
  readonly subject: OutageSubject;
  /** The code of its beginning, as in a camera's health or an account's refusal. */
  readonly reason: string;
  readonly message: string;
  readonly beganAt: Date;
  /** null: it is open. */
  readonly endedAt: Date | null;
  /** For a camera: the account it had at the beginning; null or absent: none. */
  readonly account?: string | null;
}

export const OUTAGES_KEPT_MS = 90 * 86_400_000;

/** The cloud calls the camera offline: an outage that no renewal and no media server could prevent. */
export const OFFLINE_REASON = 'CAMERA_OFFLINE';

/** False when the camera itself was away. */
export function isOurs({ reason }: Pick<Outage, 'reason'>): boolean {
  return reason !== OFFLINE_REASON;
}

export function outageId(subject: OutageSubject, beganAt: Date): string {
  const name = subject.kind === 'camera' ? subject.id : subject.name;
  return `${subject.kind}:${name}:${beganAt.getTime().toString(36)}`;
}

/** True when the outage overlaps the time from `from` (included) to `to` (not included). */
export function isWithin({ beganAt, endedAt }: Outage, from: Date | null, to: Date | null): boolean {
  return (from === null || endedAt === null || endedAt >= from) && (to === null || beganAt < to);
}
