import type { CameraId } from '../../../core/camera/camera.js';
import type { Lease } from '../../../core/camera/lease.js';
import type { Clock } from '../../../core/clock.js';
import { CameraError } from '../../../core/errors.js';
import type { Proof } from '../../mediaEngine.js';
import type { MediaMtxClient } from '../api/client.js';
import type { PathReply } from '../api/replies.js';
import type { CarriedCameras } from '../carried/carriedCameras.js';
import { leasePathName } from '../paths/pathConfig.js';
import { proofOfFlow, watchFlow } from './proof.js';

/** A proof that may also tell when key frames come: how long ago the last one did, and what is between two. */
export interface SeenPictures extends Proof {
  readonly keyFrames?: { readonly ageMs: number; readonly intervalMs: number | null } | null;
}

/**
 * Looks at the picture behind a URL, and up to `rhythmMs` longer for the rhythm of its key frames. Throws `CameraError` when
 * none is decoded.
 */
export type Prover = (url: string, signal?: AbortSignal, rhythmMs?: number) => Promise<SeenPictures>;

/** Key frames 4 s apart are common; a feeder is pulled anyway, so looking on costs the cloud nothing. */
const RHYTHM_MS = 5_000;

export interface FeederProofDeps {
  readonly client: Pick<MediaMtxClient, 'path'>;
  readonly clock: Clock;
  readonly carried: CarriedCameras;
  /** null: bytes that move are the proof. */
  readonly prover: Prover | null;
  readonly boundMs: number;
}

/**
 * Looks at a lease through the feeder that pulls it, so that the cloud has no further stream to give. The tracks are those that
 * MediaMTX sees: they decide what the public path takes. Renews the camera's slate. Throws `CameraError`.
 */
export async function proveByFeeder(
  { client, clock, carried, prover, boundMs }: FeederProofDeps,
  cameraId: CameraId,
  { revision }: Lease,
  signal?: AbortSignal,
): Promise<Proof> {
  const name = leasePathName(cameraId, revision);
  const look = async (abort?: AbortSignal): Promise<PathReply | null> => {
    const path = await client.path(name, abort);
    if (path) carried.feeders.see(path);
    return path;
  };
  const tracks = await watchFlow(look, { clock, boundMs }, signal);
  const url = carried.rtsp?.readFrom(cameraId, revision) ?? null;
  if (prover === null || url === null) return proofOfFlow(tracks);
  const seen = await prover(url, signal, RHYTHM_MS).catch(refusedByUs);
  if (seen === null) return proofOfFlow(tracks);
  const { framesPerSecond, moves, picture, keyFrames } = seen;
  if (keyFrames && keyFrames.intervalMs !== null) {
    const lastKeyFrameMs = clock.monotonicMs() - keyFrames.ageMs;
    carried.feeders.seeKeyFrames(name, { lastKeyFrameMs, intervalMs: keyFrames.intervalMs });
  }
  if (picture !== null) await carried.renewSlate(cameraId, tracks, picture, framesPerSecond);
  return { tracks, framesPerSecond, moves, picture };
}

/** The feeder flows: what was refused is our own read of it (MediaMTX's users, a firewall), which says nothing about the camera. */
function refusedByUs(thrown: unknown): null {
  if (thrown instanceof CameraError && thrown.code === 'STREAM_REFUSED') return null;
  throw thrown;
}
