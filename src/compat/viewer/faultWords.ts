import { AppError, CameraError } from '../../core/errors.js';
import { relayWords } from '../../core/health/relayReasons.js';
import type { CompatDeps } from '../compatApp.js';
import type { OldStream } from './streams.js';

/** The codes of the old document, and of the old code. */
export type OldCode =
  | 'AUTH'
  | 'NOT_FOUND'
  | 'TIMEOUT'
  | 'START_FAILED'
  | 'FFMPEG_START_FAILED'
  | 'FFMPEG_EXIT'
  | 'INTERNAL_ERROR'
  | 'INVALID_ACTION'
  | 'INVALID_JSON';

export interface OldFault {
  readonly code: OldCode;
  readonly message: string;
}

/** Why a stream does not play, as an old client is told it. `hasPlayed`: its pictures had come. */
export function faultOf(
  { outages, redact }: Pick<CompatDeps, 'outages' | 'redact'>,
  { camera }: OldStream,
  error: Error,
  hasPlayed: boolean,
): OldFault {
  const reason = outages.lastSeen(camera.id)?.reason ?? null;
  const { failure } = camera;
  const said = failure ?? (reason === null ? error : relayWords(reason, 'person'));
  const cure = 'cure' in said && typeof said.cure === 'string' ? said.cure : '';
  const message = redact([said.message, cure].filter((part) => part !== '').join(' '));
  if (failure?.code === 'STREAM_LOGIN_REFUSED' || reason === 'login') return { code: 'AUTH', message };
  if (failure?.code === 'STREAM_NOT_FOUND' || reason === 'not-found') return { code: 'NOT_FOUND', message };
  if (!(error instanceof AppError) && !(error instanceof CameraError))
    return { code: 'INTERNAL_ERROR', message: 'An unexpected error happened inside camlease. See its log.' };
  if (error.code === 'STREAM_NO_PICTURE') return { code: 'TIMEOUT', message };
  if (hasPlayed) return { code: 'FFMPEG_EXIT', message };
  return { code: error.code === 'ENGINE_MISSING' ? 'FFMPEG_START_FAILED' : 'START_FAILED', message };
}
