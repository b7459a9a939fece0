import { sleep, type Clock } from '../../core/clock.js';
import { CameraError } from '../../core/errors.js';
import type { Lease } from '../../core/lease.js';
import { pictureFault } from '../../core/proof.js';
import type { Proof } from '../mediaEngine.js';
import type { PathReply } from './replies.js';

const LOOK_EVERY_MS = 250;
/** MediaMTX counts no frames. A main stream as small as the vendor's prompt clip is taken for one; a sub stream may be so small. */
const CLIP_FRAMES_PER_SECOND = 5;

export interface ProofTiming {
  readonly clock: Clock;
  readonly boundMs: number;
}

/**
 * Watches a path that pulls until it has tracks and its bytes grow. Throws `CameraError`. MediaMTX decodes nothing, so
 * there is no picture and no frame rate.
 */
export async function watchProof(
  look: (signal?: AbortSignal) => Promise<PathReply | null>,
  lease: Lease,
  { clock, boundMs }: ProofTiming,
  signal?: AbortSignal,
): Promise<Proof> {
  const endMs = clock.monotonicMs() + boundMs;
  let firstBytes: number | null = null;
  while (clock.monotonicMs() < endMs) {
    const path = await look(signal);
    if (path && path.available && path.tracks2.length > 0) {
      const proof = proofOf(path, lease);
      if (firstBytes !== null && path.inboundBytes > firstBytes) return proof;
      firstBytes ??= path.inboundBytes;
    }
    await sleep(clock, LOOK_EVERY_MS, signal);
  }
  throw new CameraError('STREAM_NO_PICTURE', 'retry', `The stream showed no picture within ${boundMs / 1000} s.`, {
    cure: 'Look whether the camera is online and shows a picture in the vendor’s own app.',
  });
}

const VIDEO = new Set(['AV1', 'VP9', 'VP8', 'H265', 'H264', 'MPEG-4 Video', 'MPEG-1/2 Video', 'M-JPEG']);

function proofOf({ tracks2 }: PathReply, lease: Lease): Proof {
  const video = tracks2.find(({ codec }) => VIDEO.has(codec));
  if (!video) {
    throw new CameraError('STREAM_NO_PICTURE', 'retry', 'The stream has sound and no picture.', {
      cure: 'Look whether the channel has a camera connected.',
    });
  }
  const { width = 0, height = 0 } = video.codecProps ?? {};
  const framesPerSecond = lease.quality === 'main' ? CLIP_FRAMES_PER_SECOND : null;
  const fault = pictureFault({ codec: video.codec, width, height, framesPerSecond });
  if (fault) throw fault;
  const audio = tracks2.find((track) => track !== video);
  return { codec: video.codec, width, height, framesPerSecond: null, audioCodec: audio?.codec ?? null, picture: null };
}
