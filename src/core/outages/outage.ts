import type { CameraId } from '../camera/camera.js';

/** What did not work. */
export type OutageSubject =
  { readonly kind: 'camera'; readonly id: CameraId } | { readonly kind: 'account'; readonly name: string };

/** A time in which something that should work did not. Kept for `OUTAGES_KEPT_MS`. */
export interface Outage {
  /** Made of subject and beginning, so that telling it twice keeps one. */
  readonly id: string;
  readonly subject: OutageSubject;
  /** A code, as in a camera's health or an account's refusal; that of its beginning. */
  readonly reason: string;
  readonly message: string;
  readonly beganAt: Date;
  /** null: it goes on. */
  readonly endedAt: Date | null;
  /** Of a camera: whose it was at the beginning; null or absent: nobody's. */
  readonly account?: string | null;
}

export const OUTAGES_KEPT_MS = 90 * 86_400_000;

/** The cloud says that the camera is offline: an outage, and none that a renewal or a media server could prevent. */
export const OFFLINE_REASON = 'CAMERA_OFFLINE';

/** False: the camera itself was away. */
export function isOurs({ reason }: Pick<Outage, 'reason'>): boolean {
  return reason !== OFFLINE_REASON;
}

export function outageId(subject: OutageSubject, beganAt: Date): string {
  const name = subject.kind === 'camera' ? subject.id : subject.name;
  return `${subject.kind}:${name}:${beganAt.getTime().toString(36)}`;
}

/** True when it reaches into the time from `from` (included) to `to` (not included). */
export function isWithin({ beganAt, endedAt }: Outage, from: Date | null, to: Date | null): boolean {
  return (from === null || endedAt === null || endedAt >= from) && (to === null || beganAt < to);
}
