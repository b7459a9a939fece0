import type { Camera, CameraId } from '../../core/camera/camera.js';
import type { LeaseLog } from '../run/leaseLog.js';

/** Records once, in the log of leases, each lease that expired before a new lease took its place. */
export class Expiries {
  readonly #leaseLog: LeaseLog;
  readonly #recorded = new Map<CameraId, number>();

  constructor(leaseLog: LeaseLog) {
    this.#leaseLog = leaseLog;
  }

  record(cameras: readonly Camera[], now: Date): void {
    const nowMs = now.getTime();
    for (const { id, lease } of cameras) {
      if (lease === null || lease.expiresAt.getTime() > nowMs || this.#recorded.get(id) === lease.revision) continue;
      this.#recorded.set(id, lease.revision);
      const { revision, expiresAt: at } = lease;
      const message = `Lease ${revision} expired before there was a new lease.`;
      this.#leaseLog.record({ cameraId: id, step: 'expired', revision, reason: 'expired', message, at });
    }
  }
}
