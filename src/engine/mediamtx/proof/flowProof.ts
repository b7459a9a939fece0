import type { StreamTracks } from '../../../core/camera/tracks.js';
import { sleep, type Clock } from '../../../core/clock.js';
import { CameraError } from '../../../core/errors.js';
import type { Proof } from '../../mediaEngine.js';
import type { PathReply } from '../api/replies.js';
import { seenTracks } from '../api/seenTracks.js';

const LOOK_EVERY_MS = 250;

export interface ProofTiming {
  readonly clock: Clock;
  readonly boundMs: number;
}

/** Polls a path that pulls until it has tracks and its bytes grow. Throws `CameraError` after `boundMs`. */
export async function watchFlow(
  look: (signal?: AbortSignal) => Promise<PathReply | null>,
  { clock, boundMs }: ProofTiming,
  signal?: AbortSignal,
): Promise<StreamTracks> {
  const endMs = clock.monotonicMs() + boundMs;
  let firstBytes: number | null = null;
  let hasSound = false;
  while (clock.monotonicMs() < endMs) {
    const path = await look(signal);
    const tracks = path && seenTracks(path);
    if (path && tracks) {
      if (firstBytes !== null && path.inboundBytes > firstBytes) return tracks;
      firstBytes ??= path.inboundBytes;
    } else hasSound = path !== null && path.available && path.tracks2.length > 0;
    await sleep(clock, LOOK_EVERY_MS, signal);
  }
  throw hasSound ? soundOnly() : noPicture(boundMs);
}

/** A proof by arriving bytes. MediaMTX decodes nothing, so there is no picture and no frame rate. */
export function proofOfFlow(tracks: StreamTracks): Proof {
  return { tracks, framesPerSecond: null, moves: null, picture: null };
}

function noPicture(boundMs: number): CameraError {
  return new CameraError('STREAM_NO_PICTURE', 'retry', `The stream showed no picture within ${boundMs / 1000} s.`, {
    cure: 'Check that the camera is online and shows a picture in the vendor’s app.',
  });
}

function soundOnly(): CameraError {
  return new CameraError('STREAM_NO_PICTURE', 'retry', 'The stream has sound but no picture.', {
    cure: 'Check that a camera is connected to the channel.',
  });
}
