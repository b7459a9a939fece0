import type { Camera, CameraId, Failure } from '../../core/camera/camera.js';
import type { Lease } from '../../core/camera/lease.js';
import { AppError } from '../../core/errors.js';
import { renewalUrgency } from '../../core/renewal/renewal.js';
import type { Claim } from '../../store/cameraStore.js';
import { isStoreAway } from '../../store/storeAway.js';
import type { JobsDeps } from '../run/deps.js';

/**
 * The right to renew one camera. `claim` is null while the store is away: this process was the last known owner of the
 * account, and the renewal cannot wait.
 */
export interface RenewalRight {
  readonly camera: Camera;
  readonly claim: Claim | null;
}

type AwayDeps = Pick<JobsDeps, 'clock' | 'owner' | 'store'>;

/**
 * Renewals while the store is away: only those that cannot wait, with each lease in the journal before it is used. The
 * caller has checked that this process owns the account.
 */
export class StoreAwayRenewal {
  readonly #deps: AwayDeps;
  #isAway = false;

  constructor(deps: AwayDeps) {
    this.#deps = deps;
  }

  /** True when the store did not answer, or refused to be written, when it was last used. */
  get isAway(): boolean {
    return this.#isAway;
  }

  storeAnswered(isThere: boolean): void {
    this.#isAway = !isThere;
  }

  /** True when this camera may be renewed now: while the store is away, only one that cannot wait. */
  mayRenew(camera: Camera): boolean {
    return !this.#isAway || renewalUrgency(camera, this.#deps.clock.now()) === 'emergency';
  }

  /**
   * null: another pass or replica has claimed the camera, or it does not exist. Throws STORE_UNREACHABLE or DISK_FULL for
   * a camera that can wait.
   */
  async rightTo(id: CameraId): Promise<RenewalRight | null> {
    const { store, owner } = this.#deps;
    // Even while away, try to claim a camera that can wait: the store may be back.
    if (!this.#isAway || !this.#cannotWait(id)) {
      try {
        const [claim] = await store.claim(owner, [id]);
        this.#isAway = false;
        return claim ? { camera: claim.camera, claim } : null;
      } catch (thrown) {
        if (!isStoreAway(thrown)) throw thrown;
        this.#isAway = true;
        if (!this.#cannotWait(id)) {
          throw new AppError(
            'STORE_UNREACHABLE',
            'The store does not answer, and the lease of this camera is good for some time yet.',
            {
              cure: 'camlease renews it when the store is back, or from memory in its last hours.',
              cause: thrown,
            },
          );
        }
      }
    }
    const camera = store.peek(id) ?? null;
    return camera && { camera, claim: null };
  }

  /**
   * Writes the lease to the journal, to be used at once; it goes into the store when that is back. null: the camera does
   * not exist any more.
   */
  hold(id: CameraId, as: 'lease' | 'candidate', lease: Lease): Camera | null {
    this.#isAway = true;
    return this.#deps.store.holdLease({ id, as, lease }, this.#deps.clock.now());
  }

  /** Keeps the failure, and so the back-off, in memory until the store is back. */
  fail(id: CameraId, failure: Failure): void {
    this.#deps.store.holdFailure(id, failure, this.#deps.clock.now());
  }

  #cannotWait(id: CameraId): boolean {
    const camera = this.#deps.store.peek(id);
    return !!camera && renewalUrgency(camera, this.#deps.clock.now()) === 'emergency';
  }
}
