import type { PullReason } from '../../core/streams/relay.js';
import type { PullEnd } from './rtmpPull.js';

/** Why a pull ended, without the server's own text, which may contain the stream key. */
export interface PullOver {
  readonly reason: PullReason;
  /** A code such as `NetStream.Play.StreamNotFound` or `ECONNREFUSED`; null: none that is safe to log. */
  readonly code: string | null;
}

/** The form of codes that are safe to log; a longer or other text is dropped. */
const CODE = /^[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z]+)*$/;
const LONGEST_CODE = 60;

export function overOf(end: PullEnd): PullOver {
  const code = 'code' in end && end.code.length <= LONGEST_CODE && CODE.test(end.code) ? end.code : null;
  return { reason: end.why === 'failed' ? 'refused' : end.why, code };
}

export function overBecause(reason: PullReason): PullOver {
  return { reason, code: null };
}
