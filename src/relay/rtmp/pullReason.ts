import type { PullReason } from '../../core/streams/relay.js';

/** Why a pull ended, without the server's own text, which may contain the stream key. */
export interface PullOver {
  readonly reason: PullReason;
  /** A code such as `NetStream.Play.StreamNotFound` or `ECONNREFUSED`; null: none that is safe to log. */
  readonly code: string | null;
}

/** The form of codes that are safe to log; a longer or other text is dropped. */
const CODE = /^[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z]+)*$/;
const LONGEST_CODE = 60;

/** The end of a pull, of any protocol. */
export interface AnyPullEnd {
  readonly why: PullReason | 'failed';
  /** The server's or the system's; absent: there is none. */
  readonly code?: string;
}

export function overOf({ why, code }: AnyPullEnd): PullOver {
  const isSafe = code !== undefined && code.length <= LONGEST_CODE && CODE.test(code);
  return { reason: why === 'failed' ? 'refused' : why, code: isSafe ? code : null };
}

export function overBecause(reason: PullReason): PullOver {
  return { reason, code: null };
}
