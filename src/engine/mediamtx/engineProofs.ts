import { type CameraId, goesByRelay } from '../../core/camera/camera.js';
import type { PullTarget } from '../../core/streams/pullTarget.js';
import { messageOf } from '../../core/errors.js';
import type { DesiredStreams } from '../../core/streams/streams.js';
import type { Proof } from '../mediaEngine.js';
import type { MediaMtxClient } from './api/client.js';
import { hasFeeder } from './carried/servedFeeders.js';
import { BOUNDS, type MediaMtxEngineOptions } from './engineOptions.js';
import type { EngineParts } from './engineParts.js';
import type { PathConfigs } from './paths/pathConfig.js';
import { targetSource } from './paths/pathSource.js';
import { proveByFeeder } from './proof/feederProof.js';
import { PathProofs } from './proof/pathProofs.js';
import type { RelayedCameras } from './relayed/relayedCameras.js';
import { keyFrameOf } from './slates/slateKeyFrame.js';

export interface EngineProofsDeps {
  readonly options: Pick<MediaMtxEngineOptions, 'clock' | 'log' | 'prover' | 'proofBoundMs'>;
  readonly client: MediaMtxClient;
  readonly relayed: RelayedCameras | null;
  readonly streams: () => DesiredStreams;
  readonly own: () => PathConfigs;
  /** Throws while MediaMTX cannot be used. */
  readonly usable: () => EngineParts;
  readonly onTrouble: (thrown: unknown) => void;
  /** A proof by a feeder ended, so the feeder's tracks are known: the wanted paths may change. */
  readonly onSeen: () => void;
}

/** Proves leases: by the camera's feeder or the relay where one of them pulls the lease (no further stream at the cloud), else directly. */
export class EngineProofs {
  readonly #deps: EngineProofsDeps;
  readonly #byPath: PathProofs;

  constructor(deps: EngineProofsDeps) {
    this.#deps = deps;
    const { clock, proofBoundMs: boundMs = BOUNDS.proofMs } = deps.options;
    this.#byPath = new PathProofs({ client: deps.client, clock, boundMs, onTrouble: deps.onTrouble });
  }

  /** The paths of proofs that run in MediaMTX now. */
  get paths(): PathConfigs {
    return this.#byPath.paths;
  }

  async prove(cameraId: CameraId, lease: PullTarget, signal?: AbortSignal): Promise<Proof> {
    const { options, client, streams, own, usable, onSeen } = this.#deps;
    const { clock, prover, proofBoundMs } = options;
    if (hasFeeder(streams(), own(), cameraId, lease)) {
      const { carried } = usable();
      const deps = { client, clock, carried, prover, boundMs: proofBoundMs ?? BOUNDS.feederProofMs };
      const proof = await proveByFeeder(deps, cameraId, lease, signal);
      onSeen();
      return proof;
    }
    const proof =
      (await this.#byRelay(cameraId, lease, signal)) ?? (await this.#proveBy(cameraId, lease, null, signal));
    if (goesByRelay(streams().get(cameraId)?.mode ?? 'direct')) void this.#renewSlate(cameraId, proof);
    return proof;
  }

  /** null: the relay does not carry this camera, so it cannot prove the lease. */
  async #byRelay(cameraId: CameraId, lease: PullTarget, signal?: AbortSignal): Promise<Proof | null> {
    const { relayed, own } = this.#deps;
    const url = relayed && (await relayed.beginProof(cameraId, lease, own(), signal));
    if (!relayed || url === null) return null;
    let isGood = false;
    try {
      const proof = await this.#proveBy(cameraId, lease, url, signal);
      isGood = true;
      return proof;
    } finally {
      relayed.endProof(cameraId, lease, isGood);
    }
  }

  /** `url`: where the relay offers the lease's pictures; null: prove at the cloud. */
  #proveBy(cameraId: CameraId, lease: PullTarget, url: string | null, signal?: AbortSignal): Promise<Proof> {
    const { options, usable } = this.#deps;
    if (options.prover) return options.prover(url ?? lease.url, signal);
    return this.#byPath.prove(usable().writer, cameraId, { lease, source: url ?? targetSource(lease) }, signal);
  }

  /** Runs in the background, since no caller waits for a slate. */
  async #renewSlate(cameraId: CameraId, { tracks, framesPerSecond, picture }: Proof): Promise<void> {
    const { options, relayed, usable } = this.#deps;
    if (!relayed || picture === null) return;
    try {
      const mp4 = await usable().slates.madeWith(tracks, { jpeg: picture, framesPerSecond });
      const units = mp4 && keyFrameOf(mp4);
      if (units) await relayed.keepSlate(cameraId, units);
    } catch (thrown) {
      options.log.warn('no slate could be made for a camera', { camera: cameraId, reason: messageOf(thrown) });
    }
  }
}
