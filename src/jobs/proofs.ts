import type { Camera, CameraId } from '../core/camera.js';
import { CameraError, messageOf } from '../core/errors.js';
import type { ProofAttempt } from '../core/handover.js';
import type { Lease } from '../core/lease.js';
import type { JobsDeps } from './deps.js';

/** An engine bounds its proofs itself; one that hangs all the same must not keep the account's budget for ever. */
const LONGEST_PROOF_MS = 60_000;
const DEFAULT_BUDGET = 3;

type ProofsDeps = Pick<JobsDeps, 'clock' | 'log' | 'store' | 'engine' | 'accounts'>;

interface Attempted {
  readonly revision: number;
  readonly attempt: ProofAttempt;
}

/** Runs proofs in the background, within each account's stream budget, and remembers what the latest one said. */
export class Proofs {
  readonly #deps: ProofsDeps;
  readonly #onDone: (id: CameraId) => void;
  readonly #attempts = new Map<CameraId, Attempted>();
  readonly #running = new Map<
    CameraId,
    { readonly account: string; readonly revision: number; readonly done: Promise<void> }
  >();
  readonly #stop = new AbortController();

  constructor(deps: ProofsDeps, onDone: (id: CameraId) => void) {
    this.#deps = deps;
    this.#onDone = onDone;
  }

  /** What the latest proof of this revision said; null: none yet. */
  attemptOf(id: CameraId, revision: number): ProofAttempt | null {
    const attempted = this.#attempts.get(id);
    return attempted?.revision === revision ? attempted.attempt : null;
  }

  /** Starts a proof unless one of the camera runs or the account's streams are all in use: then a later call will. */
  start(camera: Camera, lease: Lease): void {
    const account = camera.source.account ?? '';
    const budget = this.#deps.accounts.get(account)?.streamBudget ?? DEFAULT_BUDGET;
    const used = [...this.#running.values()].filter((running) => running.account === account).length;
    if (this.#running.has(camera.id) || used >= budget || this.#stop.signal.aborted) return;
    const done = this.#prove(camera, lease).then((attempt) => {
      this.#running.delete(camera.id);
      if (attempt) this.#attempts.set(camera.id, { revision: lease.revision, attempt });
      this.#onDone(camera.id);
    });
    this.#running.set(camera.id, { account, revision: lease.revision, done });
  }

  forget(id: CameraId): void {
    this.#attempts.delete(id);
  }

  async stop(): Promise<void> {
    this.#stop.abort(new DOMException('camlease is stopping', 'AbortError'));
    await Promise.all([...this.#running.values()].map(({ done }) => done));
  }

  async #prove(camera: Camera, lease: Lease): Promise<ProofAttempt | null> {
    const { clock, engine, log } = this.#deps;
    const timeout = new AbortController();
    const cancelTimeout = clock.after(LONGEST_PROOF_MS, () =>
      timeout.abort(new DOMException('the proof took too long', 'TimeoutError')),
    );
    try {
      const proof = await engine.prove(camera.id, lease, AbortSignal.any([timeout.signal, this.#stop.signal]));
      if (proof.picture) await this.#savePicture(camera.id, proof.picture);
      return { outcome: 'proven', at: clock.now() };
    } catch (thrown) {
      if (this.#stop.signal.aborted) return null;
      if (thrown instanceof CameraError) return this.#noPicture(camera.id, lease, thrown);
      log.warn(`Camera ${camera.id} could not be looked at: ${messageOf(thrown)}`, { camera: camera.id });
      return { outcome: 'unable', at: clock.now() };
    } finally {
      cancelTimeout();
    }
  }

  #noPicture(id: CameraId, lease: Lease, error: CameraError): ProofAttempt {
    const former = this.attemptOf(id, lease.revision);
    const tries = former?.outcome === 'no-picture' ? former.tries + 1 : 1;
    return { outcome: 'no-picture', at: this.#deps.clock.now(), tries, error };
  }

  async #savePicture(id: CameraId, jpeg: Buffer): Promise<void> {
    try {
      await this.#deps.store.savePicture(id, { jpeg, takenAt: this.#deps.clock.now() });
    } catch (thrown) {
      this.#deps.log.warn(`A picture could not be stored: ${messageOf(thrown)}`, { camera: id });
    }
  }
}
