import type { Camera, CameraId, Failure } from '../../core/camera/camera.js';
import type { Lease } from '../../core/camera/lease.js';
import { AppError } from '../../core/errors.js';
import { renewalUrgency } from '../../core/renewal/renewal.js';
import type { Claim } from '../../store/cameraStore.js';
import { isStoreAway } from '../../store/storeAway.js';
import type { JobsDeps } from '../run/deps.js';

/**
 * The right to renew one camera. Without a claim: the store is away, this process is the last known owner of the account, and the
 * lease cannot wait.
 */
export interface RenewalRight {
  readonly camera: Camera;
  readonly claim: Claim | null;
}

type AwayDeps = Pick<JobsDeps, 'clock' | 'owner' | 'store'>;

/**
 * Renewals while the store is away: only those that cannot wait, each lease in the journal before it is used. Whoever calls it has
 * looked at who owns the account.
 */
export class AwayRenewal {
  readonly #deps: AwayDeps;
  #isAway = false;

  constructor(deps: AwayDeps) {
    this.#deps = deps;
  }

  /** What was last seen of the store. */
  get isAway(): boolean {
    return this.#isAway;
  }

  storeAnswered(isThere: boolean): void {
    this.#isAway = !isThere;
  }

  /** Whether this camera's renewal may go on now; those that can wait do. */
  mayRenew(camera: Camera): boolean {
    return !this.#isAway || renewalUrgency(camera, this.#deps.clock.now()) === 'emergency';
  }

  /** null: somebody else is at it, or there is no such camera. Throws STORE_UNREACHABLE or DISK_FULL for one that can wait. */
  async rightTo(id: CameraId): Promise<RenewalRight | null> {
    const { store, owner } = this.#deps;
    // One that can wait is asked for all the same: the store may be back since it was last looked at.
    if (!this.#isAway || !this.#cannotWait(id)) {
      try {
        const [claim] = await store.claim(owner, [id]);
        this.#isAway = false;
        return claim ? { camera: claim.camera, claim } : null;
      } catch (thrown) {
        if (!isStoreAway(thrown)) throw thrown;
        this.#isAway = true;
        if (!this.#cannotWait(id)) {
          throw new AppError('STORE_UNREACHABLE', 'The store is away, and this lease is good for a while yet.', {
            cure: 'It is renewed when the store is back, or in its last hours from memory.',
            cause: thrown,
          });
        }
      }
    }
    const camera = store.peek(id) ?? null;
    return camera && { camera, claim: null };
  }

  /** The lease is written down and used at once; in the store when that is back. null: there is no such camera any more. */
  hold(id: CameraId, as: 'lease' | 'candidate', lease: Lease): Camera | null {
    this.#isAway = true;
    return this.#deps.store.holdLease({ id, as, lease }, this.#deps.clock.now());
  }

  /** The back-off stands, in memory, until the store is back. */
  fail(id: CameraId, failure: Failure): void {
    this.#deps.store.holdFailure(id, failure, this.#deps.clock.now());
  }

  #cannotWait(id: CameraId): boolean {
    const camera = this.#deps.store.peek(id);
    return !!camera && renewalUrgency(camera, this.#deps.clock.now()) === 'emergency';
  }
}
