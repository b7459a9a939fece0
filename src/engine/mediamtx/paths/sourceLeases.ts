import type { CameraId } from '../../../core/camera/camera.js';
import type { PullTarget } from '../../../core/streams/pullTarget.js';
import type { DesiredStreams } from '../../../core/streams/streams.js';
import { bridgedRevision, leasePathName, type PathConfig, type PathConfigs } from './pathConfig.js';
import { targetSource } from './pathSource.js';

interface Known {
  readonly lease: PullTarget;
  readonly source: string | null;
}

/** Finds the lease behind a path's source, since MediaMTX knows only the URL. */
export class SourceLeases {
  #known = new Map<CameraId, readonly Known[]>();

  /**
   * Remembers the leases in force of these streams, and forgets leases that are neither in force nor configured in `own` (null: our paths
   * are not known, so none of these cameras' leases is forgotten).
   */
  learn(streams: DesiredStreams, own: PathConfigs | null): void {
    const next = new Map<CameraId, readonly Known[]>();
    for (const [cameraId, { inForce }] of streams) {
      const known = this.#known.get(cameraId) ?? [];
      const same = known.find(({ lease }) => lease === inForce);
      const old = known.filter(
        (one) => one.lease.revision !== inForce?.revision && (own === null || isConfigured(cameraId, one, own)),
      );
      const now = same ?? (inForce && { lease: inForce, source: targetSource(inForce) });
      next.set(cameraId, now ? [now, ...old] : old);
    }
    this.#known = next;
  }

  /** The revision that an on-demand camera's path pulls; null: it has no path, or the path's lease is not known. */
  revisionOf(cameraId: CameraId, own: PathConfigs | null): number | null {
    const path = own?.get(cameraId);
    if (!path) return null;
    return bridgedRevision(cameraId, path) ?? this.#pulledBy(cameraId, path)?.revision ?? null;
  }

  /** The lease that an on-demand camera's path pulls, directly or by a feeder; null: as in `revisionOf`. */
  leaseOf(cameraId: CameraId, own: PathConfigs): PullTarget | null {
    const path = own.get(cameraId);
    if (!path) return null;
    const revision = bridgedRevision(cameraId, path);
    return revision === null ? this.#pulledBy(cameraId, path) : this.lease(cameraId, revision);
  }

  /** null: not known. */
  lease(cameraId: CameraId, revision: number): PullTarget | null {
    return this.#known.get(cameraId)?.find((known) => known.lease.revision === revision)?.lease ?? null;
  }

  #pulledBy(cameraId: CameraId, { source }: PathConfig): PullTarget | null {
    return this.#known.get(cameraId)?.find((known) => known.source === source)?.lease ?? null;
  }
}

function isConfigured(cameraId: CameraId, { lease, source }: Known, own: PathConfigs): boolean {
  return own.get(cameraId)?.source === source || own.has(leasePathName(cameraId, lease.revision));
}
