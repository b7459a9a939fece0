import { type Camera, type CameraId, isAlwaysPulled } from '../../core/camera/camera.js';
import { accountOf } from '../../core/camera/cameraSource.js';
import { abortReason } from '../../core/abortReason.js';
import { CameraError, messageOf } from '../../core/errors.js';
import type { ProofAttempt } from '../../core/handover/handover.js';
import type { Lease } from '../../core/camera/lease.js';
import { pictureFault } from '../../core/handover/proof.js';
import { leaseTarget } from '../../core/streams/pullTarget.js';
import { describeTracks } from '../../core/camera/tracks.js';
import type { Proof } from '../../engine/mediaEngine.js';
import type { JobsDeps } from '../run/deps.js';
import type { LeaseLog } from '../run/leaseLog.js';
import type { StreamUse } from './streamUse.js';

/** An engine bounds its proofs itself; a proof that hangs all the same must not use the account's budget for ever. */
const LONGEST_PROOF_MS = 60_000;
/** A viewer may leave at any moment and free the stream that a proof waits for. */
const LOOK_AGAIN_MS = 5_000;

type ProofsDeps = Pick<JobsDeps, 'clock' | 'log' | 'store' | 'pictures' | 'engine'> & {
  readonly streamUse: StreamUse;
  readonly leaseLog: LeaseLog;
  /** The engine was told of this revision, in force or as a candidate. */
  readonly isServed: (id: CameraId, revision: number) => boolean;
  readonly onDone: (id: CameraId) => void;
};

interface Attempted {
  readonly revision: number;
  readonly attempt: ProofAttempt;
}

interface Running {
  readonly camera: Camera;
  readonly revision: number;
  readonly done: Promise<void>;
  /** Called when the engine serves what the proof plays. */
  begin: () => void;
}

/** Runs proofs in the background, within each account's stream budget, and remembers each camera's latest result. */
export class Proofs {
  readonly #deps: ProofsDeps;
  readonly #attempts = new Map<CameraId, Attempted>();
  readonly #running = new Map<CameraId, Running>();
  readonly #stop = new AbortController();
  #cancelLookAgain: (() => void) | null = null;

  constructor(deps: ProofsDeps) {
    this.#deps = deps;
  }

  /** The result of the latest proof of this revision; null: none yet. */
  attemptOf(id: CameraId, revision: number): ProofAttempt | null {
    const attempted = this.#attempts.get(id);
    return attempted?.revision === revision ? attempted.attempt : null;
  }

  isRunning(id: CameraId, revision: number): boolean {
    return this.#running.get(id)?.revision === revision;
  }

  /**
   * Starts a proof, unless one of the camera runs. Returns false, and starts nothing, while all streams of the account are
   * in use, those of viewers included; `onDone` says when to call again. A camera that is pulled all the time, and the
   * candidate of one that moves freely, are proven through the engine's own pull, so that their proof begins once the
   * engine has been told of the lease.
   */
  start(camera: Camera, lease: Lease): boolean {
    const account = accountOf(camera) ?? '';
    if (this.#running.has(camera.id) || this.#stop.signal.aborted) return true;
    const pullsItself = !isAlwaysPulled(camera.mode) || camera.lease?.revision !== lease.revision;
    if (!this.#mayStart(camera.id, account, pullsItself)) return false;
    const ended = this.#deps.streamUse.began(account, pullsItself);
    let begin = (): void => undefined;
    const ready = this.#isReady(camera, lease.revision)
      ? Promise.resolve()
      : new Promise<void>((resolve) => (begin = resolve));
    const done = this.#prove(camera, lease, ready).then((attempt) => {
      ended();
      this.#running.delete(camera.id);
      if (attempt) this.#attempts.set(camera.id, { revision: lease.revision, attempt });
      this.#deps.onDone(camera.id);
    });
    this.#running.set(camera.id, { camera, revision: lease.revision, done, begin });
    return true;
  }

  /** The engine has accepted streams: proofs that waited for them begin. */
  served(): void {
    for (const { camera, revision, begin } of this.#running.values()) if (this.#isReady(camera, revision)) begin();
  }

  /**
   * True unless the proof plays through the engine's pull and the engine was not told of this revision yet. A relay that
   * has gone away is not waited for: the proof then plays the URL by itself.
   */
  #isReady(camera: Camera, revision: number): boolean {
    const { engine, isServed } = this.#deps;
    const isCandidate = camera.lease?.revision !== revision;
    const isSeenThere = isAlwaysPulled(camera.mode) || (isCandidate && engine.movesFreely?.(camera) === true);
    return !isSeenThere || isServed(camera.id, revision);
  }

  forget(id: CameraId): void {
    this.#attempts.delete(id);
  }

  async stop(): Promise<void> {
    this.#stop.abort(new DOMException('camlease is stopping', 'AbortError'));
    this.#cancelLookAgain?.();
    await Promise.all([...this.#running.values()].map(({ done }) => done));
  }

  /** False: the proof has to wait for a stream, and `onDone` says when to ask again. */
  #mayStart(id: CameraId, account: string, pullsItself: boolean): boolean {
    const { streamUse, clock, onDone } = this.#deps;
    if (!streamUse.isKnown(account)) {
      void streamUse.read().then(() => onDone(id));
      return false;
    }
    if (streamUse.mayProve(account, pullsItself)) return true;
    this.#cancelLookAgain ??= clock.after(LOOK_AGAIN_MS, () => {
      this.#cancelLookAgain = null;
      onDone(id);
    });
    return false;
  }

  async #prove(camera: Camera, lease: Lease, ready: Promise<void>): Promise<ProofAttempt | null> {
    const { clock, engine, log } = this.#deps;
    const timeout = new AbortController();
    const cancelTimeout = clock.after(LONGEST_PROOF_MS, () =>
      timeout.abort(new DOMException('the proof took too long', 'TimeoutError')),
    );
    const signal = AbortSignal.any([timeout.signal, this.#stop.signal]);
    try {
      await Promise.race([ready, aborted(signal)]);
      return await this.#judge(camera, lease, await engine.prove(camera.id, leaseTarget(lease), signal));
    } catch (thrown) {
      if (this.#stop.signal.aborted) return null;
      if (thrown instanceof CameraError) return this.#noPicture(camera.id, lease, thrown);
      log.warn(`The picture of camera ${camera.id} could not be checked: ${messageOf(thrown)}`, { camera: camera.id });
      return { outcome: 'unable', at: clock.now() };
    } finally {
      cancelTimeout();
    }
  }

  async #judge(camera: Camera, lease: Lease, proof: Proof): Promise<ProofAttempt> {
    const { clock, leaseLog } = this.#deps;
    // Read again: during the proof the operator may have said that this is the camera's real picture.
    const { errorClipCheck, lease: inForce } = this.#deps.store.peek(camera.id) ?? camera;
    const last = inForce?.proof === 'proven' ? inForce.tracks : null;
    const fault = pictureFault(proof, { quality: lease.quality, last, errorClipCheck });
    if (fault) return this.#noPicture(camera.id, lease, fault);
    if (proof.picture) await this.#savePicture(camera.id, proof.picture);
    const message = `The lease brought a picture: ${describeTracks(proof.tracks)}.`;
    leaseLog.record({ cameraId: camera.id, step: 'proven', revision: lease.revision, reason: 'picture-seen', message });
    return { outcome: 'proven', at: clock.now(), tracks: proof.tracks };
  }

  #noPicture(id: CameraId, lease: Lease, error: CameraError): ProofAttempt {
    const former = this.attemptOf(id, lease.revision);
    const tries = former?.outcome === 'no-picture' ? former.tries + 1 : 1;
    return { outcome: 'no-picture', at: this.#deps.clock.now(), tries, error };
  }

  async #savePicture(id: CameraId, jpeg: Buffer): Promise<void> {
    try {
      await this.#deps.pictures.savePicture(id, { jpeg, takenAt: this.#deps.clock.now() });
    } catch (thrown) {
      this.#deps.log.warn(`A picture could not be stored: ${messageOf(thrown)}`, { camera: id });
    }
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const fail = (): void => reject(abortReason(signal.reason));
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
}
