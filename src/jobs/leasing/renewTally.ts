import type { CameraId } from '../../core/camera/camera.js';
import type { FailedCamera, HeldCamera, SkippedCamera } from '../../core/passes/pass.js';
import type { WatchedOutcome } from '../handover/passOutcomes.js';
import type { Renewed } from '../replicas/requests.js';
import type { Progress } from '../run/passes.js';

type Counts = Pick<Renewed, 'renewed' | 'held' | 'skipped' | 'failed'>;

/** Counts what a renewal has done so far. */
export class RenewTally {
  readonly #progress: Progress;
  readonly #failed: FailedCamera[] = [];
  readonly #heldCameras: HeldCamera[] = [];
  readonly #skippedCameras: SkippedCamera[] = [];
  #renewed = 0;
  #held = 0;
  #skipped = 0;

  constructor(progress: Progress) {
    this.#progress = progress;
  }

  settle(cameraId: CameraId, outcome: WatchedOutcome): void {
    if (outcome.kind === 'failed') {
      const { code, message, cure } = outcome;
      this.#failed.push({ cameraId, code, message, cure });
      this.#progress.failed();
      return;
    }
    if (outcome.kind === 'held') {
      const { reason, until, sentence } = outcome;
      this.#held += 1;
      this.#heldCameras.push({ cameraId, reason, until, sentence });
    } else this.#renewed += 1;
    this.#progress.done();
  }

  skip(camera: SkippedCamera): void {
    this.#skipped += 1;
    this.#skippedCameras.push(camera);
    this.#progress.skipped();
  }

  /** Adds what another replica did. */
  add({ renewed, held, skipped, failed, heldCameras = [], skippedCameras = [] }: Renewed): void {
    this.#renewed += renewed;
    this.#held += held;
    this.#skipped += skipped;
    this.#failed.push(...failed);
    this.#heldCameras.push(...heldCameras);
    this.#skippedCameras.push(...skippedCameras);
    for (let one = 0; one < renewed + held; one++) this.#progress.done();
    for (let one = 0; one < failed.length; one++) this.#progress.failed();
    for (let one = 0; one < skipped; one++) this.#progress.skipped();
  }

  counts(): Counts {
    return { renewed: this.#renewed, held: this.#held, skipped: this.#skipped, failed: this.#failed };
  }

  /** The counts, with the cameras that were held or skipped, and why. */
  countsWithReasons(): Counts & Required<Pick<Renewed, 'heldCameras' | 'skippedCameras'>> {
    return { ...this.counts(), heldCameras: this.#heldCameras, skippedCameras: this.#skippedCameras };
  }
}
