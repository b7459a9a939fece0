import type { CameraId } from '../../core/camera.js';
import type { Clock } from '../../core/clock.js';
import { CameraError } from '../../core/errors.js';
import type { Lease } from '../../core/lease.js';
import type { Proof } from '../mediaEngine.js';
import type { CarriedCameras } from './carriedCameras.js';
import type { MediaMtxClient } from './client.js';
import { leasePathName } from './pathConfig.js';
import { proofOfFlow, watchFlow } from './proof.js';
import type { PathReply } from './replies.js';

/** Looks at the picture behind a URL. Throws `CameraError` when none is decoded. */
export type Prover = (url: string, signal?: AbortSignal) => Promise<Proof>;

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
  const seen = await prover(url, signal).catch(refusedByUs);
  if (seen === null) return proofOfFlow(tracks);
  const { framesPerSecond, moves, picture } = seen;
  if (picture !== null) await carried.renewSlate(cameraId, tracks, picture, framesPerSecond);
  return { tracks, framesPerSecond, moves, picture };
}

/** The feeder flows: what was refused is our own read of it (MediaMTX's users, a firewall), which says nothing about the camera. */
function refusedByUs(thrown: unknown): null {
  if (thrown instanceof CameraError && thrown.code === 'STREAM_REFUSED') return null;
  throw thrown;
}
