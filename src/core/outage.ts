import type { CameraId } from './camera.js';

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
}

export const OUTAGES_KEPT_MS = 90 * 86_400_000;
