import type { Camera, CameraId } from '../../core/camera/camera.js';
import { accountOf } from '../../core/camera/cameraSource.js';
import { DueCounts } from '../../core/renewal/dueCounts.js';
import { dueAt } from '../../core/renewal/renewal.js';
import { chooseRenewAt } from '../../core/renewal/renewalMoment.js';
import type { JobsDeps } from '../run/deps.js';

/** Counts, from the store's changes, when each account's renewals fall due, so that a new lease is renewed when few others are. */
export class DueLoad {
  readonly #random: JobsDeps['random'];
  readonly #callsPerHour: number;
  readonly #counts = new Map<string, DueCounts>();
  readonly #accountOf = new Map<CameraId, string>();

  constructor({ store, random, callsPerHour }: Required<Pick<JobsDeps, 'store' | 'random' | 'callsPerHour'>>) {
    this.#random = random;
    this.#callsPerHour = callsPerHour;
    for (const camera of store.peekAll()) this.#see(camera);
    store.onChange((event) => {
      if ('removed' in event) this.#forget(event.removed);
      else this.#see(event.camera);
    });
  }

  /** Chooses when to renew this lease, for the caller to store with it. Counted at once: the next choice must not wait for the store. */
  chooseRenewAt(camera: Camera, lease: { readonly obtainedAt: Date; readonly expiresAt: Date }): Date {
    const counts = this.#move(camera.id, accountOf(camera) ?? '');
    const load = { callsPerHour: this.#callsPerHour, dueBetween: counts.between };
    const renewAt = chooseRenewAt(lease, load, this.#random);
    counts.set(camera.id, renewAt.getTime());
    return renewAt;
  }

  #see(camera: Camera): void {
    this.#move(camera.id, accountOf(camera) ?? '').set(camera.id, dueAt(camera)?.getTime() ?? null);
  }

  #forget(id: CameraId): void {
    const account = this.#accountOf.get(id);
    if (account !== undefined) this.#countsOf(account).set(id, null);
    this.#accountOf.delete(id);
  }

  /** Returns the account's counts; a camera that belonged to another account is no longer counted there. */
  #move(id: CameraId, account: string): DueCounts {
    if (this.#accountOf.get(id) !== account) {
      this.#forget(id);
      this.#accountOf.set(id, account);
    }
    return this.#countsOf(account);
  }

  #countsOf(account: string): DueCounts {
    const counts = this.#counts.get(account) ?? new DueCounts();
    this.#counts.set(account, counts);
    return counts;
  }
}
