import type { RelayReason } from '../../core/streams/relay.js';
import type { PullEnd } from './rtmpPull.js';

export type PullReason = Exclude<RelayReason, 'no-address' | 'over-cap'>;

/** Why a pull is over, in words of ours: what a server says beside its code may hold the stream's key. */
export interface PullOver {
  readonly reason: PullReason;
  /** Such as `NetStream.Play.StreamNotFound` or `ECONNREFUSED`; null: there is none that is safe to repeat. */
  readonly code: string | null;
}

/** Codes of servers and systems; what is longer or holds anything else is not repeated. */
const CODE = /^[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z]+)*$/;
const LONGEST_CODE = 60;

export function overOf(end: PullEnd): PullOver {
  const code = 'code' in end && end.code.length <= LONGEST_CODE && CODE.test(end.code) ? end.code : null;
  return { reason: end.why === 'failed' ? 'refused' : end.why, code };
}

export function overBecause(reason: PullReason): PullOver {
  return { reason, code: null };
}
