import type { CameraId } from '../../../core/camera/camera.js';
import type { PullTarget } from '../../../core/streams/pullTarget.js';
import type { Clock } from '../../../core/clock.js';
import { CameraError } from '../../../core/errors.js';
import type { Proof } from '../../mediaEngine.js';
import type { MediaMtxClient } from '../api/client.js';
import type { PathReply } from '../api/replies.js';
import type { CarriedCameras } from '../carried/carriedCameras.js';
import { leasePathName } from '../paths/pathConfig.js';
import { proofOfFlow, watchFlow } from './flowProof.js';

/** A proof with the rhythm of key frames, if it was measured: the age of the last one, and the interval (null: not known). */
export interface SeenPictures extends Proof {
  readonly keyFrames?: { readonly ageMs: number; readonly intervalMs: number | null } | null;
}

/**
 * Decodes a picture from a URL, and reads up to `rhythmMs` longer to measure its key frames' rhythm. Throws `CameraError` when no picture
 * is decoded.
 */
export type Prover = (url: string, signal?: AbortSignal, rhythmMs?: number) => Promise<SeenPictures>;

/** Longer than the common interval of 4 s. The feeder is pulled anyway, so reading it longer costs the cloud nothing. */
const RHYTHM_MS = 5_000;

export interface FeederProofDeps {
  readonly client: Pick<MediaMtxClient, 'path'>;
  readonly clock: Clock;
  readonly carried: CarriedCameras;
  /** null: this process cannot decode, so bytes that arrive are the proof. */
  readonly prover: Prover | null;
  readonly boundMs: number;
}

/**
 * Proves a lease through the feeder that pulls it, so that the cloud need not serve a further stream. The proof's tracks are those that
 * MediaMTX reports, since they decide what the public path accepts. Makes a new slate for the camera. Throws `CameraError`.
 */
export async function proveByFeeder(
  { client, clock, carried, prover, boundMs }: FeederProofDeps,
  cameraId: CameraId,
  { revision }: PullTarget,
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

/** The feeder flows, so a refusal concerns our own read of it (MediaMTX's users, a firewall) and not the camera: null, no picture. */
function refusedByUs(thrown: unknown): null {
  if (thrown instanceof CameraError && thrown.code === 'STREAM_REFUSED') return null;
  throw thrown;
}
