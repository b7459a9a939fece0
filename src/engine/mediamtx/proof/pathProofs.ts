import type { CameraId } from '../../../core/camera/camera.js';
import type { PullTarget } from '../../../core/streams/pullTarget.js';
import type { Clock } from '../../../core/clock.js';
import { orAborted } from '../../../core/async/orAborted.js';
import type { Proof } from '../../mediaEngine.js';
import type { MediaMtxClient } from '../api/client.js';
import { isPathName, leasePathName, pullPath, type PathConfig } from '../paths/pathConfig.js';
import { notPlayable } from '../state/engineMessages.js';
import type { Writer } from '../write/writer.js';
import { proofOfFlow, watchFlow } from './flowProof.js';

export interface PathProofsDeps {
  readonly client: Pick<MediaMtxClient, 'path'>;
  readonly clock: Clock;
  readonly boundMs: number;
  /** Called when the path of a proof could not be removed. */
  readonly onTrouble: (thrown: unknown) => void;
}

/** Proves leases without decoding, each by a path of its own in MediaMTX that pulls the lease: bytes that arrive are the proof. */
export class PathProofs {
  readonly #deps: PathProofsDeps;
  readonly #paths = new Map<string, PathConfig>();

  constructor(deps: PathProofsDeps) {
    this.#deps = deps;
  }

  /** The paths of running proofs. */
  get paths(): ReadonlyMap<string, PathConfig> {
    return this.#paths;
  }

  /** `source`: what MediaMTX pulls for the proof; null: the lease's URL has no form that MediaMTX accepts. Throws `CameraError`. */
  async prove(
    writer: Writer,
    cameraId: CameraId,
    { lease, source }: { readonly lease: PullTarget; readonly source: string | null },
    signal?: AbortSignal,
  ): Promise<Proof> {
    const { client, onTrouble } = this.#deps;
    const name = leasePathName(cameraId, lease.revision);
    if (source === null || !isPathName(name)) throw notPlayable();
    this.#paths.set(name, pullPath(source, 'always'));
    try {
      const report = await orAborted(writer.reconcile(), signal);
      if (report.refused.has(name) || report.foreign.includes(name)) throw notPlayable();
      return proofOfFlow(await watchFlow((abort) => client.path(name, abort), this.#deps, signal));
    } finally {
      this.#paths.delete(name);
      await writer.reconcile().catch(onTrouble);
    }
  }
}
